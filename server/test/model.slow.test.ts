/** The model of model.test.ts, for longer. `pnpm test:model` runs this file with 5,000 runs. */
import { expect, it } from 'vitest'
import { check } from './model/check.ts'
import { leastOfMany } from './model/outcomes.ts'

const minute = 60_000

it(
  'the invariants hold after every step of any sequence of use, abuse, faults, crashes and time',
  { timeout: 600 * minute },
  async () => {
    const { runs, failures } = await check(process.env, { runs: 600, least: leastOfMany })
    expect(failures.join('\n\n')).toBe('')
    expect(runs > 0 || process.env['MODEL_EXAMPLE'] !== undefined).toBe(true)
  },
)
