import type { ConnectionStatus } from '@pms/shared/connection-status'
import { describe, expect, it } from 'vitest'
import { stage } from './harness/stage.ts'
import { choose, connect, decide, open, outcomeOf } from './harness/visit.ts'

const on = stage({ practiceDelays: [100, 100] })

/** How far an attempt has come; each later state has a greater number. */
function progressOf({ status, step, choices }: ConnectionStatus): number {
  if (status === 'pending') return 0
  if (status !== 'connecting') return 6
  if (step === 'authorized') return 1
  if (step === 'practice_found') return 5
  return choices ? 3 : 2
}

/** Whoever asks again and again, without a pause. */
interface Watcher {
  /** all that it was told so far, in order */
  told: ConnectionStatus[]
  stop: () => Promise<void>
}

function follow(ask: () => Promise<ConnectionStatus>): Watcher {
  const told: ConnectionStatus[] = []
  const over = new AbortController()
  const asking = (async () => {
    while (!over.signal.aborted) told.push(await ask())
  })()
  return {
    told,
    stop: () => {
      over.abort()
      return asking
    },
  }
}

/** One asks as a tab does that waits for each change, three do not wait. */
function watch(attemptId: string) {
  const { connectionStatus } = on.person.client.pms
  let revision: string | undefined
  const held = follow(async () => {
    const after = revision === undefined ? {} : { after: revision, waitSeconds: 0.5 }
    const answer = await connectionStatus.query({ attemptId, ...after })
    revision = answer.revision
    return answer
  })
  const hurried = Array.from({ length: 3 }, () => follow(() => connectionStatus.query({ attemptId })))
  const watchers = [held, ...hurried]
  return {
    /** waits until each was told so */
    seen: (progress: number) =>
      on.system.until(async () => watchers.every(({ told }) => told.some((answer) => progressOf(answer) === progress))),
    /** Waits for the end. @returns what each was told, as progress, none twice in a row */
    async end() {
      await this.seen(6)
      await Promise.all(watchers.map(({ stop }) => stop()))
      const ends = watchers.flatMap(({ told }) => told.filter((answer) => progressOf(answer) === 6))
      expect(new Set(ends.map(({ revision: last }) => last)).size).toBe(1)
      return watchers.map(({ told }) => told.map(progressOf).filter((each, index, all) => each !== all[index - 1]))
    },
  }
}

/** Where an attempt is held until all have seen how far it has come. */
const holds = [
  [1, 'sikka', 'POST /v4/request_key'],
  [2, 'sikka', 'GET /v4/authorized_practices'],
  [5, 'secretsManager', 'CreateSecret'],
] as const

/** Held at each of these, as long as it takes. @returns what each was told */
async function goThrough(
  attemptId: string,
  states: readonly number[],
  returnFromSikka: () => Promise<unknown>,
): Promise<number[][]> {
  const watching = watch(attemptId)
  await watching.seen(0)
  const stops = holds.filter(([progress]) => states.includes(progress))
  const hold = (line: 'sikka' | 'secretsManager', when: string) =>
    on.system.lines[line].set({ kind: 'hang_answer', when })
  for (const line of ['sikka', 'secretsManager'] as const) {
    const first = stops.find(([, held]) => held === line)
    if (first) hold(line, first[2])
  }
  await returnFromSikka()
  for (const [index, [progress, line]] of stops.entries()) {
    await watching.seen(progress)
    const next = stops.slice(index + 1).find(([, held]) => held === line)
    if (next) hold(line, next[2])
    else on.system.lines[line].heal()
  }
  return watching.end()
}

describe('I12: the status of an attempt, asked for as fast as can be, only goes forward', () => {
  it.each([
    ['that connects', {}, [0, 1, 2, 5, 6]],
    ['whose practice appears late', { practicesAfter: 2 }, [0, 1, 2, 5, 6]],
    ['whose code is refused', { code: 'refuse' }, [0, 1, 6]],
    ['without a practice', { practices: 'none' }, [0, 1, 2, 6]],
  ] as const)('%s', async (_, scenario, states) => {
    on.system.sikka.setScenario(scenario)
    const { attemptId, authorizationUrl } = await on.person.client.pms.startConnection.mutate()
    const callback = await decide(on.person.browser, authorizationUrl)
    const told = await goThrough(attemptId, states, () => open(on.person.browser, callback))
    expect(told).toEqual(told.map(() => states))
  })

  it('whose user chooses', async () => {
    on.system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
    const { attemptId, outcome } = await connect(on.person)
    const watching = watch(attemptId)
    await watching.seen(3)
    // Its keys are read again, then written for good.
    on.system.lines.secretsManager.set({ kind: 'hang_answer', when: 'GetSecretValue' })
    const chosen = choose(on.person, outcome, 'Happy Dental Clinic')
    await watching.seen(2)
    on.system.lines.secretsManager.set({ kind: 'hang_answer', when: 'CreateSecret' })
    await watching.seen(5)
    on.system.lines.secretsManager.heal()
    expect(await chosen).toMatchObject({ status: 'connected' })
    expect(await watching.end()).toEqual(Array.from({ length: 4 }, () => [3, 2, 5, 6]))
  })

  it('that is denied', async () => {
    const { attemptId, authorizationUrl } = await on.person.client.pms.startConnection.mutate()
    const callback = await decide(on.person.browser, authorizationUrl, { decision: 'deny' })
    const told = await goThrough(attemptId, [0, 6], () => open(on.person.browser, callback))
    expect(told).toEqual(told.map(() => [0, 6]))
  })

  it('that its server leaves, and that is recovered', async () => {
    const { attemptId, authorizationUrl } = await on.person.client.pms.startConnection.mutate()
    const watching = watch(attemptId)
    await watching.seen(0)
    on.system.lines.sikka.set({ kind: 'hang_answer', when: 'GET /v4/authorized_practices' })
    await open(on.person.browser, await decide(on.person.browser, authorizationUrl))
    await watching.seen(2)
    await on.system.db.$executeRaw`
      UPDATE pms_connection_attempts SET "leaseUntil" = now(), "leaseToken" = "leaseToken" + 1 WHERE id = ${attemptId}::uuid`
    await on.system.watch(attemptId)
    await watching.seen(6)
    on.system.lines.sikka.heal()
    await on.system.finishWork()
    for (const progress of await watching.end()) expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
  })

  it('of an account that reconnects: connected, connecting, and connected again', async () => {
    await connect(on.person)
    const { authorizationUrl, attemptId } = await on.person.client.pms.startConnection.mutate()
    const watching = follow(() => on.person.client.pms.connectionStatus.query())
    await on.system.until(async () => watching.told.length > 0)
    on.system.lines.sikka.set({ kind: 'hang_answer', when: 'POST /v4/request_key' })
    await open(on.person.browser, await decide(on.person.browser, authorizationUrl))
    await on.system.until(async () => watching.told.some(({ status }) => status === 'connecting'))
    on.system.lines.sikka.heal()
    await outcomeOf(on.person, attemptId)
    await on.system.until(async () => watching.told.at(-1)?.status === 'connected')
    await watching.stop()
    const told = watching.told.map(({ status, connectedAt }) => connectedAt ?? status)
    const changes = told.filter((each, index) => each !== told[index - 1])
    expect(changes).toEqual([expect.stringMatching(/^2/), 'connecting', expect.stringMatching(/^2/)])
    expect(changes[0]).not.toBe(changes[2])
  })
})

describe('I6: the status of an account, and of its attempts, is as its own attempts are', () => {
  /** All that others can do, each with an outcome of its own. */
  async function othersAreBusy() {
    const [one, two, three] = [await on.system.newPerson(), await on.system.newPerson(), await on.system.newPerson()]
    await connect(one, 'D00002')
    await one.client.pms.disconnect.mutate()
    await connect(two, 'D00003')
    on.system.sikka.setScenario({ code: 'refuse' })
    await connect(two)
    on.system.sikka.setScenario({ code: 'accept', issuedTo: 'absent', practices: 'several' })
    await connect(three)
    on.system.sikka.resetScenario()
    const denied = await three.client.pms.startConnection.mutate()
    await open(three.browser, await decide(three.browser, denied.authorizationUrl, { decision: 'deny' }))
    const [busy] = await on.system.db.pmsIntegration.findMany({ where: { officeId: 'D00003' } })
    if (busy) {
      await on.system.makeDue(busy)
      await on.system.refreshKeys(busy.id)
    }
  }

  it.each([
    ['without any', async () => undefined],
    ['that only started', async () => (await on.person.client.pms.startConnection.mutate()).attemptId],
    [
      'that waits for Sikka',
      async () => {
        on.system.lines.sikka.set({ kind: 'hang_answer', when: 'POST /v4/request_key', times: 1 })
        const { attemptId, authorizationUrl } = await on.person.client.pms.startConnection.mutate()
        await open(on.person.browser, await decide(on.person.browser, authorizationUrl))
        await on.system.lines.sikka.struck()
        return attemptId
      },
    ],
    [
      'that waits for the user',
      async () => {
        on.system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
        const { attemptId } = await connect(on.person)
        on.system.sikka.resetScenario()
        return attemptId
      },
    ],
    ['that is connected', async () => (await connect(on.person)).attemptId],
  ])('%s, whatever others do', async (_, prepare) => {
    const attemptId = await prepare()
    const of = (id: string | undefined) =>
      on.person.client.pms.connectionStatus.query(id === undefined ? {} : { attemptId: id })
    const before = [await of(undefined), await of(attemptId)]
    const watching = [follow(() => of(undefined)), follow(() => of(attemptId))]
    await othersAreBusy()
    for (const [index, watcher] of watching.entries()) {
      await watcher.stop()
      expect(watcher.told.length).toBeGreaterThan(1)
      expect(new Set(watcher.told.map(({ revision }) => revision))).toEqual(new Set([before[index]?.revision]))
    }
    on.system.lines.sikka.heal()
    await on.system.finishWork()
  })
})
