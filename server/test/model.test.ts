/**
 * The whole system against a small model (attacks-and-faults, section 3): random sequences of what users, intruders,
 * faults, crashes and time do, and I1 to I12 after each step.
 *
 * `MODEL_RUNS` runs (9 here, 600 by `pnpm test:slow`, 5,000 by `pnpm test:model`) in `MODEL_WORLDS` systems at a time (3), each with a seed
 * of its own, counted up from `MODEL_SEED` (the same here, any by `pnpm test:model`). A failing run prints its seed, path and replay path, and what it
 * did; to repeat it: `MODEL_SEED=… MODEL_PATH=… MODEL_REPLAY_PATH=… pnpm test:model`. What faults interrupt goes on
 * in real time, so not every failure comes again at once: `MODEL_TIMES` (1) repeats that one run so often. Before the
 * random sequences come the examples of model/examples.ts; `MODEL_EXAMPLE=…` does those alone whose names have that.
 */
import { expect, it } from 'vitest'
import { check } from './model/check.ts'
import { leastOfEach } from './model/outcomes.ts'

const minute = 60_000

it(
  'the invariants hold after every step of any sequence of use, abuse, faults, crashes and time',
  { timeout: 600 * minute },
  async () => {
    const { runs, failures } = await check(process.env, { runs: 9, least: leastOfEach })
    expect(failures.join('\n\n')).toBe('')
    expect(runs > 0 || process.env['MODEL_EXAMPLE'] !== undefined).toBe(true)
  },
)
