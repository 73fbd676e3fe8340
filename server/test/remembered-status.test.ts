import { describe, expect, it } from 'vitest'
import { allIsHeard, holdUntilNews, isFromMemory, lookUp, pulse, told } from './harness/asking.ts'
import type { Person } from './harness/person.ts'
import { databaseTime } from './harness/server-process.ts'
import { stage } from './harness/stage.ts'
import { until } from './harness/until.ts'
import { connect, decide, open } from './harness/visit.ts'

const on = stage()

const ask = (attemptId?: string, person: Pick<Person, 'accessToken'> = on.person) => told(on.system, person, attemptId)
/** Asks until what is told is remembered, of a connection that was made a moment ago at the latest. */
const remember = (attemptId?: string, person?: Pick<Person, 'accessToken'>) =>
  until(() => isFromMemory(on.system.lines.database, () => ask(attemptId, person)))
const account = (person = on.person) => person.client.account.current.query()

describe('a status that was asked for before', () => {
  it('is told without a look-up, and another one is not', async () => {
    const { attemptId } = await connect(on.person)
    await allIsHeard(on.system)
    await remember()
    await remember(attemptId)
    on.system.lines.database.set({ kind: 'hang', when: lookUp })
    expect(await ask()).toBe('connected')
    expect(await ask(attemptId)).toBe('connected')
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({ practiceName: 'Happy Dental Clinic' })
    expect(on.system.lines.database.strikes).toBe(0)
    const another = ask(undefined, await on.system.newPerson())
    await on.system.lines.database.struck()
    on.system.lines.database.heal()
    expect(await another).toBe('pending')
  })

  it('is told with the time of then, by the clock of the database', async () => {
    await allIsHeard(on.system)
    await remember()
    const timeTold = async () => Date.parse((await on.person.client.pms.connectionStatus.query()).timestamp)
    on.system.lines.database.set({ kind: 'hang', when: lookUp })
    const first = await timeTold()
    await expect.poll(timeTold).toBeGreaterThan(first + 200)
    const before = await databaseTime(on.system)
    const now = await timeTold()
    expect(on.system.lines.database.strikes).toBe(0)
    // Reckoned from when the answer was there: behind by what that took, and never ahead.
    expect(now).toBeGreaterThan(before - 1_000)
    expect(now).toBeLessThanOrEqual(await databaseTime(on.system))
  })
})

describe('what somebody changes by SQL is told as it is from the notice on', () => {
  it.each([
    ['an UPDATE', () => on.system.db.$executeRaw`UPDATE pms_integrations SET status = 'INACTIVE'`],
    ['a DELETE', () => on.system.db.$executeRaw`DELETE FROM pms_integrations`],
    ['a TRUNCATE', () => on.system.db.$executeRaw`TRUNCATE pms_integrations`],
  ])('%s of an integration', async (_, change) => {
    await connect(on.person)
    await allIsHeard(on.system)
    await remember()
    const { news } = await holdUntilNews(on.person)
    await change()
    expect(await news).toMatchObject({ status: 'pending' })
    expect(await ask()).toBe('pending')
  })

  it('an INSERT, and an UPDATE that gives the practice to another account: for both', async () => {
    await connect(on.person)
    const other = await on.system.newPerson()
    const { accountId } = await account(other)
    await allIsHeard(on.system)
    await remember()
    await remember(undefined, other)
    const held = [await holdUntilNews(on.person), await holdUntilNews(other)]
    await on.system.db.$executeRaw`
      UPDATE pms_integrations SET "accountId" = ${accountId}::uuid WHERE status = 'ACTIVE'`
    const [one, another] = await Promise.all(held.map(({ news }) => news))
    expect([one?.status, another?.status]).toEqual(['pending', 'connected'])
    expect([await ask(), await ask(undefined, other)]).toEqual(['pending', 'connected'])
  })

  it.each([
    ['a DELETE', () => on.system.db.$executeRaw`DELETE FROM pms_connection_attempts`],
    ['a TRUNCATE', () => on.system.db.$executeRaw`TRUNCATE pms_connection_attempts`],
  ])('%s of an attempt', async (_, change) => {
    const { attemptId } = await on.person.client.pms.startConnection.mutate()
    await allIsHeard(on.system)
    await remember(attemptId)
    const { news } = await holdUntilNews(on.person, attemptId)
    await Promise.all([change(), expect(news).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } })])
    expect(await ask(attemptId)).toBe('NOT_FOUND')
  })
})

describe('what no status shows leaves it remembered', () => {
  it.each([
    [
      'the answer to a callback',
      (id: string) =>
        on.system.db.$executeRaw`UPDATE pms_connection_attempts SET answer = 'FAILED' WHERE "accountId" = ${id}::uuid`,
    ],
    [
      'a lease',
      (id: string) =>
        on.system.db
          .$executeRaw`UPDATE pms_connection_attempts SET "leaseUntil" = now() WHERE "accountId" = ${id}::uuid`,
    ],
    [
      'keys that were refreshed',
      (id: string) => on.system.db.$executeRaw`
        UPDATE pms_integrations SET "secretVersionId" = 'next', generation = generation + 1, "tokenExpiresAt" = now()
        WHERE "accountId" = ${id}::uuid`,
    ],
  ])('%s', async (_, change) => {
    const { attemptId } = await connect(on.person)
    const { accountId } = await account()
    await allIsHeard(on.system)
    await remember()
    await remember(attemptId)
    on.system.lines.database.set({ kind: 'hang', when: `${lookUp}[^]*${accountId}` })
    expect(await change(accountId)).toBe(1)
    // A notice of it would have come before this.
    await allIsHeard(on.system)
    expect(await ask()).toBe('connected')
    expect(await ask(attemptId)).toBe('connected')
    expect(on.system.lines.database.strikes).toBe(0)
  })
})

describe('who has changed something and asks is told of it, also before its notice has come:', () => {
  /** From now on no notice comes, and for a second and a half nobody knows. */
  async function withholdNotices(): Promise<void> {
    on.system.lines.database.set({ kind: 'hang_answer', when: pulse })
    await on.system.lines.database.struck()
  }

  it('who starts to connect', async () => {
    await remember()
    await withholdNotices()
    const { attemptId } = await on.person.client.pms.startConnection.mutate()
    expect([await ask(attemptId), await ask()]).toEqual(['pending', 'pending'])
  })

  it.each([
    ['allows it', 'allow', 'connecting'],
    ['denies it', 'deny', 'ACCESS_DENIED'],
  ] as const)('who %s', async (_, decision, word) => {
    const { attemptId, authorizationUrl } = await on.person.client.pms.startConnection.mutate()
    const callback = await decide(on.person.browser, authorizationUrl, { decision })
    on.system.lines.sikka.set({ kind: 'hang_answer', when: 'request_key' })
    await allIsHeard(on.system)
    await remember(attemptId)
    await withholdNotices()
    await open(on.person.browser, callback)
    expect(await ask(attemptId)).toBe(word)
  })

  it.each([
    ['chooses', 'connecting', 'connecting'],
    ['declines', 'DECLINED', 'pending'],
  ])('who %s', async (how, ofAttempt, ofAccount) => {
    on.system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
    const { attemptId, outcome } = await connect(on.person)
    await allIsHeard(on.system)
    await remember(attemptId)
    await remember()
    // What is chosen is not connected before this is over.
    on.system.lines.secretsManager.set({ kind: 'hang_answer' })
    await withholdNotices()
    const choiceId = outcome.choices?.at(-1)?.id ?? ''
    if (how === 'chooses') await on.person.client.pms.choosePractice.mutate({ attemptId, choiceId })
    else await on.person.client.pms.declineChoice.mutate({ attemptId })
    expect([await ask(attemptId), await ask()]).toEqual([ofAttempt, ofAccount])
  })

  it('who disconnects', async () => {
    const { attemptId } = await connect(on.person)
    await allIsHeard(on.system)
    await remember(attemptId)
    await remember()
    await withholdNotices()
    expect(await on.person.client.pms.disconnect.mutate()).toMatchObject({ status: 'pending' })
    expect([await ask(attemptId), await ask()]).toEqual(['pending', 'pending'])
  })
})
