import { expect, it } from 'vitest'
import { ConnectionFailure } from '../failure.ts'
import { preflight, preflightChecks, preflightTimes, type Check, type CheckName } from './preflight.ts'

const wrong = () => new ConnectionFailure('CONFIG', 'refused')
const away = () => new ConnectionFailure('PROVIDER_UNAVAILABLE', 'HTTP 503', { reason: 'unclear' })
const limited = () => new ConnectionFailure('PROVIDER_UNAVAILABLE', 'HTTP 429', { reason: 'limited' })

/** A preflight on a clock of its own; what each check says can be changed. */
function preflightForTest() {
  const test = {
    time: 0,
    runs: { secrets_manager: 0, sikka: 0, sign_in: 0 },
    says: {} as Partial<Record<CheckName, () => Error>>,
    lines: [] as string[],
  }
  const checks = Object.fromEntries(
    preflightChecks.map((name): [CheckName, Check] => [
      name,
      {
        run: async () => {
          test.runs[name] += 1
          const error = test.says[name]?.()
          if (error) throw error
          return Promise.resolve()
        },
        advice: `Look at ${name}.`,
        spacing: name === 'sikka' ? 15_000 : 0,
      },
    ]),
  ) as Record<CheckName, Check>
  const line = (level: string) => (_: object, message: string) => void test.lines.push(`${level}: ${message}`)
  const log = { error: line('error'), warn: line('warn'), info: line('info') }
  return Object.assign(
    test,
    preflight(checks, log, () => test.time),
  )
}

it('S12: every check is run at first, and again when its time has come', async () => {
  const test = preflightForTest()
  await test.runDue()
  expect(test.runs).toEqual({ secrets_manager: 1, sikka: 1, sign_in: 1 })
  test.time = preflightTimes.again.ok - 1
  await test.runDue()
  expect(test.runs.sikka).toBe(1)
  test.time += 1
  await test.runDue()
  expect(test.runs.sikka).toBe(2)
})

it('S12: what is wrong is checked every minute, and when somebody wants to start, as its spacing allows', async () => {
  const test = preflightForTest()
  test.says.sikka = wrong
  await test.runDue()
  await expect(test.demandOk()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  expect(test.runs.sikka, 'not within its spacing').toBe(1)
  test.time = 15_000
  await expect(test.demandOk()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  expect(test.runs).toEqual({ secrets_manager: 1, sikka: 2, sign_in: 1 })
  delete test.says.sikka
  test.time += 60_000
  await test.runDue()
  await test.demandOk()
  expect(test.lines).toEqual([
    'error: preflight failed: our settings are refused, so no connection is started. Look at sikka.',
    'info: preflight passes again',
  ])
})

it('S12: a call that was refused for our settings has everything checked at once, once for all who say so', async () => {
  const test = preflightForTest()
  await test.runDue()
  test.says.secrets_manager = wrong
  await Promise.all([test.suspect(), test.suspect(), test.suspect()])
  expect(test.runs).toEqual({ secrets_manager: 2, sikka: 1, sign_in: 2 })
  expect(test.verdicts()).toEqual({ secrets_manager: 'wrong', sikka: 'ok', sign_in: 'ok' })
})

it('S12: no answer is no verdict: nobody is refused for it, and what was wrong stays so', async () => {
  const test = preflightForTest()
  test.says = { secrets_manager: away, sikka: limited, sign_in: () => new Error('fetch failed') }
  await test.runDue()
  expect(test.verdicts()).toEqual({ secrets_manager: 'away', sikka: 'ok', sign_in: 'away' })
  await test.demandOk()
  test.says = { secrets_manager: wrong }
  test.time = 60_000
  await test.runDue()
  test.says = { secrets_manager: away }
  test.time = 120_000
  await test.runDue()
  expect(test.verdicts()).toEqual({ secrets_manager: 'wrong', sikka: 'ok', sign_in: 'ok' })
  await expect(test.demandOk()).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
})
