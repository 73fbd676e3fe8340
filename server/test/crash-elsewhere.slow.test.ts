import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reserveFreePort } from '../sandbox/free-port.ts'
import type { Scenario } from '../sandbox/sikka/scenario.ts'
import { byHand } from './harness/by-hand.ts'
import { asks, hold, setOut, type Hold, type Visit } from './harness/crash.ts'
import { lastEvents, violations, watchEndedAttempts } from './harness/invariants.ts'
import { jobsAreDone, jobsAreDue, jobsOfTheDeadComeAgain } from './harness/jobs.ts'
import { databaseTime, startServer } from './harness/server-process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'
import { connect, open, outcomeOf } from './harness/visit.ts'

it('a server that is killed after it has deleted a secret, which a new consent needs: the secret comes back', async () => {
  await using system = await startStandIns(await reserveFreePort())
  const person = await system.newPerson()
  const row = () => system.db.pmsIntegration.findFirstOrThrow()
  await using dying = await startServer(system)
  await connect(dying.here(person))
  dying.lines.secretsManager.set({ kind: 'hang', when: asks('DeleteSecret', (await row()).accountId) })
  await dying.here(person).client.pms.disconnect.mutate()
  await dying.lines.secretsManager.struck()
  await dying.crash()
  // Retry the dead server's jobs last: in an hour instead of within seconds.
  await system.db.$executeRaw`UPDATE pgboss.job SET retry_delay = 3600, retry_delay_max = 3600 WHERE state = 'active'`
  await using survivor = await startServer(system)
  expect((await connect(survivor.here(person))).outcome).toMatchObject({ status: 'connected' })
  await jobsAreDue(system, 'settle-secret')
  // The new consent's own jobs are done.
  await jobsAreDone(system, 'settle-secret')

  // What it had sent arrives, and nobody is there to look again whether that was right.
  using hand = byHand(system)
  await hand.scheduleDeletion(await row())
  await expect(system.readSecret(await row())).rejects.toThrow('marked for deletion')
  await jobsAreDue(system, 'settle-secret')
  await until(async () => (await violations(system)).length === 0)
  expect(await row()).toMatchObject({ status: 'ACTIVE' })
  expect(await system.readSecret(await row())).toMatchObject({ officeId: 'D00001' })
})

/** Where a server is killed, beyond the ten points of crash.test.ts: one server for each, and another that goes on. */
describe('a server that is killed', () => {
  /** the longest time from the kill to the end of an attempt, milliseconds */
  const longest = 15_000
  const several = { issuedTo: 'absent', practices: 'several' } as const

  let system: StandIns
  let changedEnds: () => Promise<string[]>
  // One of its own for each: what others have left to do is not done by the server that is held.
  beforeEach(async () => {
    system = await startStandIns(await reserveFreePort())
    changedEnds = await watchEndedAttempts(system)
  })
  afterEach(() => system.stop())

  /** Sets out at a server, which is held at a point, does something there, and is killed once it is held. */
  async function kill(
    officeId: string,
    { scenario = {}, at, goOn }: { scenario?: Partial<Scenario>; at: (visit: Visit) => Hold; goOn: GoOn },
  ) {
    const dying = await startServer(system)
    const visit = await setOut(system, dying, officeId, { scenario })
    const { attemptId, accountId } = visit
    const isHeld = hold(dying, 'asking', [at(visit)])
    await goOn(visit)
    await until(isHeld)
    const killedAt = await databaseTime(system)
    await dying.crash('secretsManager')
    const attempt = () => system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id: attemptId } })
    const secrets = async () =>
      (await system.secretNames()).filter((name) => name.endsWith(accountId) || name.endsWith(attemptId))
    const left = { attempt: await attempt(), secrets: await secrets() }
    await jobsOfTheDeadComeAgain(system)
    const survivor = await startServer(system)
    return {
      visit,
      dying,
      left,
      secrets,
      row: () => system.db.pmsIntegration.findFirstOrThrow({ where: { accountId } }),
      outcome: () => outcomeOf(survivor.here(visit.person), attemptId),
      time: async () => ((await attempt()).finishedAt?.getTime() ?? Infinity) - killedAt,
      /** what must not be */
      wrongs: async () => [...(await violations(system)), ...(await changedEnds())],
      async events() {
        const all = await system.db.pmsAuditEvent.findMany({ where: { attemptId }, orderBy: { id: 'asc' } })
        return all.map(({ event }) => event)
      },
      async [Symbol.asyncDispose]() {
        await survivor[Symbol.asyncDispose]()
        await dying[Symbol.asyncDispose]()
      },
    }
  }

  type GoOn = (visit: Visit) => Promise<void>
  const unanswered = (asked: Promise<unknown>) => void asked.catch(() => undefined)
  const comeBack: GoOn = async ({ person, callback }) => unanswered(open(person.browser, callback))
  const chooseOwn: GoOn = async ({ person, callback, attemptId }) => {
    await open(person.browser, callback)
    const { choices = [] } = await outcomeOf(person, attemptId)
    // Sikka's stand-in puts the own one last.
    unanswered(person.client.pms.choosePractice.mutate({ attemptId, choiceId: choices.at(-1)?.id ?? '' }))
  }

  it('when the keys are kept for a choice, that they are not committed: connect again; they are revoked', async () => {
    await using killed = await kill('D03000', {
      scenario: several,
      at: ({ attemptId }) => ({ line: 'database', says: `SET status = 'CHOOSING'[\\s\\S]*${attemptId}` }),
      goOn: comeBack,
    })
    expect(killed.left.attempt).toMatchObject({ status: 'KEYS_RECEIVED', choices: null })
    expect(killed.left.secrets).toEqual([`parlae/pms/sikka/attempts/${killed.visit.attemptId}`])
    expect(await killed.outcome()).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
    expect(await killed.time()).toBeLessThan(longest)
    expect(await lastEvents(system, killed.visit.attemptId)).toEqual(['FAILED'])
    await until(async () => (await killed.secrets()).length === 0)
    await until(() => system.sikka.calls.deleteRequestKey > 0)
    expect(await killed.wrongs()).toEqual([])
  })

  it('when a practice is chosen, the keys kept for it not read: the next server goes on from them', async () => {
    await using killed = await kill('D03001', {
      scenario: several,
      at: ({ attemptId }) => ({ line: 'secretsManager', says: asks('GetSecretValue', `attempts/${attemptId}`) }),
      goOn: chooseOwn,
    })
    expect(killed.left.attempt).toMatchObject({ status: 'KEYS_RECEIVED', choices: expect.anything() })
    expect(await killed.outcome()).toMatchObject({ status: 'connected' })
    expect(await killed.time()).toBeLessThan(longest)
    expect(await killed.row()).toMatchObject({ status: 'ACTIVE', officeId: 'D03001' })
    expect(await system.readSecret(await killed.row())).toMatchObject({ officeId: 'D03001' })
    expect(await killed.events()).toEqual(['STARTED', 'AUTHORIZED', 'CHOSEN', 'CONNECTED'])
    await until(async () => (await killed.secrets()).length === 1)
    expect(system.sikka.calls.exchangesByCode[killed.visit.codeNumber]).toBe(1)
    expect(await killed.wrongs()).toEqual([])
  })

  it('when a choice is connected, the keys kept for it not dropped: they are dropped, and not revoked', async () => {
    await using killed = await kill('D03002', {
      scenario: several,
      at: ({ attemptId }) => ({ line: 'secretsManager', says: asks('DeleteSecret', `attempts/${attemptId}`) }),
      goOn: chooseOwn,
    })
    expect(killed.left).toMatchObject({ attempt: { status: 'COMPLETED' }, secrets: { length: 2 } })
    expect(await killed.outcome()).toMatchObject({ status: 'connected' })
    await until(async () => (await killed.secrets()).length === 1)
    expect(await system.readSecret(await killed.row())).toMatchObject({ officeId: 'D03002' })
    expect(await killed.events()).toEqual(['STARTED', 'AUTHORIZED', 'CHOSEN', 'CONNECTED'])
    expect(await killed.wrongs()).toEqual([])
  })

  it('when a disconnect is committed, nothing else done: the keys are revoked and the secret is deleted', async () => {
    await using killed = await kill('D03003', {
      at: ({ accountId }) => ({ line: 'secretsManager', says: asks('GetSecretValue', accountId) }),
      async goOn({ person, callback, attemptId }) {
        await open(person.browser, callback)
        expect(await outcomeOf(person, attemptId)).toMatchObject({ status: 'connected' })
        await person.client.pms.disconnect.mutate()
      },
    })
    expect(await killed.row()).toMatchObject({ status: 'INACTIVE' })
    await until(async () => (await killed.secrets()).length === 0)
    await expect(system.readSecret(await killed.row())).rejects.toThrow('marked for deletion')
    await until(() => system.sikka.calls.deleteRequestKey > 0)
    expect(await killed.wrongs()).toEqual([])
  })

  it('F79: when keys are on their way to be kept for a choice, and arrive after the attempt has failed: they do not stay', async () => {
    await using killed = await kill('D03005', {
      scenario: several,
      at: ({ attemptId }) => ({ line: 'secretsManager', says: asks('CreateSecret', `attempts/${attemptId}`) }),
      goOn: comeBack,
    })
    expect(killed.left).toMatchObject({ attempt: { status: 'KEYS_RECEIVED' }, secrets: [] })
    expect(await killed.outcome()).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
    // What was sent at once has found nothing to release.
    await jobsAreDone(system, 'release-grant')
    killed.dying.lines.secretsManager.heal()
    await until(async () => (await killed.secrets()).length === 1)
    await jobsAreDue(system, 'release-grant')
    await until(async () => (await killed.secrets()).length === 0)
    await until(() => system.sikka.calls.deleteRequestKey > 0)
    expect(await killed.wrongs()).toEqual([])
  })

  it('F79: when its write to Secrets Manager is under way, and arrives after the attempt has failed: it does not stay', async () => {
    await using killed = await kill('D03004', {
      at: ({ accountId }) => ({ line: 'secretsManager', says: asks('CreateSecret', accountId) }),
      goOn: comeBack,
    })
    expect(killed.left).toMatchObject({ attempt: { status: 'STORING' }, secrets: [] })
    expect(await killed.outcome()).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
    expect(await killed.time()).toBeLessThan(longest)
    expect(await killed.secrets()).toEqual([])
    killed.dying.lines.secretsManager.heal()
    await until(async () => (await killed.secrets()).length === 1)
    await jobsAreDue(system, 'settle-secret')
    await until(async () => (await killed.secrets()).length === 0)
    expect(await killed.wrongs()).toEqual([])
  })
})
