/** The model of model.test.ts, for longer. `pnpm test:model` runs this file with 5,000 runs. */
import { expect, it } from 'vitest'
import { check } from './model/check.ts'

const minute = 60_000

/** How often each outcome has to be met: half of what it was met when this was written. */
const least = {
  connected: 1,
  choosing: 1,
  conflict: 1,
  several: 1,
  unproven: 1,
  none: 1,
  denied: 1,
  declined: 1,
  expired: 1,
  'reconnect required': 1,
  disconnected: 1,
  'taken over after a crash': 1,
  replaced: 1,
}

it(
  'the invariants hold after every step of any sequence of use, abuse, faults, crashes and time',
  { timeout: 600 * minute },
  async () => {
    const { runs, failures } = await check(process.env, { runs: 600, least })
    expect(failures.join('\n\n')).toBe('')
    expect(runs > 0 || process.env['MODEL_EXAMPLE'] !== undefined).toBe(true)
  },
)
