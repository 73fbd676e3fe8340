import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { median, quantile } from '../bench/measure.ts'
import { reserveFreePort } from '../sandbox/free-port.ts'
import type { Scenario } from '../sandbox/sikka/scenario.ts'
import { setOut } from './harness/crash.ts'
import { violations } from './harness/invariants.ts'
import type { Person } from './harness/person.ts'
import { startServer, type ServerProcess } from './harness/server-process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'
import { open, outcomeOf } from './harness/visit.ts'

// AT32: accounts call every procedure up to their limits while Sikka fails for them alone. Others connect meanwhile, two at a time.
const accounts = 2
const seconds = 120
/** low enough that the flood reaches both in its time */
const limits = { callsPerMinute: 100, starts: 100 }
/**
 * Others' times are compared by the median of what this quantile is in windows of so many seconds: a machine that is slow
 * for a moment spoils a window or two.
 */
const compared = { quantile: 0.99, windowSeconds: 10 } as const

/** How Sikka treats the flooding accounts' authorizations, in turn: well, with errors, and without an answer. */
const troubles: Partial<Scenario>[] = [
  {},
  { practicesAnswer: 'hang' },
  { exchangeError: 'API2001' },
  { practicesError: 'API2010' },
  { practicesAnswer: 'html' },
  { revocationError: 'API2001' },
  { exchangeAnswer: 'hang' },
  { practicesError: 'API2011' },
]

/** Milliseconds between two calls of one procedure by a flooding account, and between two of its authorizations. */
const pause = { call: 100, visit: 400 } as const

/** What a flooding account is told: done, over its limit, or no such choice. */
const expectedCodes = new Set(['OK', 'TOO_MANY_REQUESTS', 'NOT_FOUND'])

/** Times below this are never slow, milliseconds. */
const unnoticed = 250

const steps = ['start', 'connect', 'refresh', 'disconnect'] as const
type Times = Record<(typeof steps)[number], number>

let system: StandIns
let server: ServerProcess
beforeAll(async () => {
  system = await startStandIns(await reserveFreePort())
  server = await startServer(system, {
    LIMIT_STATUS_PER_MINUTE: String(limits.callsPerMinute),
    LIMIT_START_PER_10_MINUTES: String(limits.starts),
    LIMIT_CALLBACK_PER_MINUTE: '60',
  })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await system.stop()
})

let offices = 0
let visits = 0

/** Another account connects, refreshes and disconnects. @returns milliseconds of each step */
async function timesOfOther(): Promise<Times> {
  const officeId = `D${String(++offices).padStart(5, '0')}`
  const times: Times = { start: 0, connect: 0, refresh: 0, disconnect: 0 }
  const measure = async <Result>(step: keyof Times, work: () => Promise<Result>): Promise<Result> => {
    const startedAt = performance.now()
    const result = await work()
    times[step] = performance.now() - startedAt
    return result
  }
  const { person, callback, accountId, attemptId } = await measure('start', () => setOut(system, server, officeId))
  const outcome = await measure('connect', async () => {
    await open(person.browser, callback)
    return outcomeOf(person, attemptId)
  })
  expect(outcome).toMatchObject({ status: 'connected' })
  const row = () => system.db.pmsIntegration.findFirstOrThrow({ where: { accountId } })
  const { id, generation } = await row()
  await system.makeDue({ id })
  await system.db.$executeRaw`
    UPDATE pgboss.job SET start_after = now() WHERE name = 'refresh-keys' AND data->>'integrationId' = ${id}`
  await measure('refresh', () => until(async () => (await row()).generation > generation))
  const after = await measure('disconnect', () => person.client.pms.disconnect.mutate())
  expect(after).toMatchObject({ status: 'pending' })
  return times
}

/** @returns the times, window by window */
async function timesOfOthers(length: number): Promise<Times[][]> {
  const startedAt = performance.now()
  const windows: Times[][] = Array.from({ length: length / compared.windowSeconds }, () => [])
  const oneAfterTheOther = async () => {
    for (;;) {
      const window = windows[Math.floor((performance.now() - startedAt) / 1000 / compared.windowSeconds)]
      if (!window) return
      window.push(await timesOfOther())
    }
  }
  await Promise.all([oneAfterTheOther(), oneAfterTheOther()])
  return windows
}

/** Calls every procedure again and again. @returns how many calls got which code */
async function floodBy(person: Person, isOver: () => boolean): Promise<Map<string, number>> {
  const { pms, account } = person.client
  const attemptId = '00000000-0000-4000-8000-000000000001'
  const choice = { attemptId, choiceId: '00000000-0000-4000-8000-000000000002' }
  const visit = async () => {
    const scenario = troubles[visits++ % troubles.length] ?? {}
    const { callback } = await setOut(system, server, `D9${String(visits).padStart(4, '0')}`, { person, scenario })
    void open(person.browser, callback).catch(() => undefined)
  }
  const codes = new Map<string, number>()
  const again = async (wait: number, call: () => Promise<unknown>) => {
    while (!isOver()) {
      const code = await call().then(
        () => 'OK',
        (error: Error & { data?: { code?: string } }) => error.data?.code ?? error.message,
      )
      codes.set(code, (codes.get(code) ?? 0) + 1)
      await sleep(wait)
    }
  }
  await Promise.all([
    again(pause.visit, visit),
    again(pause.call, () => pms.startConnection.mutate()),
    again(pause.call, () => pms.disconnect.mutate()),
    again(pause.call, () => pms.choosePractice.mutate(choice)),
    again(pause.call, () => pms.declineChoice.mutate({ attemptId })),
    again(pause.call, () => pms.connectionStatus.query()),
    again(pause.call, () => pms.history.query()),
    again(pause.call, () => account.current.query()),
  ])
  return codes
}

const forSeconds = (length: number) => {
  const endsAt = performance.now() + length * 1000
  return () => performance.now() > endsAt
}

it(
  `AT32: ${accounts} flooding for ${seconds} seconds, with Sikka failing for them alone, change nobody else's outcome`,
  { timeout: (3 * seconds + 90) * 1000 },
  async () => {
    await timesOfOther()
    // Also measured afterwards: the machine's speed changes.
    const before = await timesOfOthers(seconds / 4)
    const isOver = forSeconds(seconds)
    const flooders = await Promise.all(
      Array.from({ length: accounts }, async () => server.here(await system.newPerson())),
    )
    const [beside, ...codes] = await Promise.all([
      timesOfOthers(seconds),
      ...flooders.map((person) => floodBy(person, isOver)),
    ])
    const after = await timesOfOthers(seconds / 4)
    for (const answered of codes) {
      expect(answered.get('TOO_MANY_REQUESTS'), 'it is at its limits').toBeGreaterThan(0)
      const others = [...answered.keys()].filter((code) => !expectedCodes.has(code))
      expect(others, 'no other trouble than that').toEqual([])
    }
    expect(slowSteps({ beside, alone: [...before, ...after] })).toEqual([])
    // Attempts of the flooding accounts are still in progress, so I7 does not hold yet.
    expect((await violations(system)).filter((violation) => !violation.startsWith('I7'))).toEqual([])
  },
)

/** The steps that took more than twice as long beside the flood as before and after it. */
function slowSteps({ beside, alone }: Record<'beside' | 'alone', Times[][]>): string[] {
  return steps.flatMap((step) => {
    const timeOf = (windows: Times[][]) =>
      median(
        windows.map((all) =>
          quantile(
            all.map((times) => times[step]),
            compared.quantile,
          ),
        ),
      )
    const [without, now] = [timeOf(alone), timeOf(beside)]
    return now < Math.max(2 * without, unnoticed) ? [] : [`${step}: ${now} ms beside the flood, ${without} ms alone`]
  })
}
