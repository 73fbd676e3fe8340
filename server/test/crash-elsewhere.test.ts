import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { byHand } from './harness/by-hand.ts'
import { asks, hold, setOut, type Visit } from './harness/crash.ts'
import { lastEvents, violations, watchEndedAttempts } from './harness/invariants.ts'
import { jobsAreDue, jobsOfTheDeadComeAgain } from './harness/jobs.ts'
import { databaseTime, freePort, startServer, type ServerProcess } from './harness/server-process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'
import { connect, open, outcomeOf } from './harness/visit.ts'

/** Where this server is when it is killed, beyond the ten points of crash.test.ts. */
const names = ['offering', 'resuming', 'dropping', 'writing', 'disconnecting'] as const
type Name = (typeof names)[number]

/** The longest time from the kill to the end of an attempt, milliseconds. */
const longest = 15_000

const revocations = ({ sikka }: StandIns) => sikka.calls.deleteRequestKey + sikka.calls.deleteRefreshKey

describe('a server that is killed', () => {
  let system: StandIns
  let dying: ServerProcess
  let survivor: ServerProcess
  let changedEnds: () => Promise<string[]>
  let killedAt: number
  const visits = {} as Record<Name, Visit>
  /** how it was after the kill */
  const left = {} as Record<Name, { attempt: Awaited<ReturnType<typeof attempt>>; secrets: string[] }>

  const attempt = (name: Name) =>
    system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id: visits[name].attemptId } })
  const row = (name: Name) =>
    system.db.pmsIntegration.findFirstOrThrow({ where: { accountId: visits[name].accountId } })
  const outcome = (name: Name) => outcomeOf(survivor.here(visits[name].person), visits[name].attemptId)
  const time = async (name: Name) => ((await attempt(name)).finishedAt?.getTime() ?? Infinity) - killedAt
  const secretsOf = async (name: Name) => {
    const { accountId, attemptId } = visits[name]
    return (await system.secretNames()).filter((secret) => secret.endsWith(accountId) || secret.endsWith(attemptId))
  }
  const events = async (name: Name) => {
    const { attemptId } = visits[name]
    const all = await system.db.pmsAuditEvent.findMany({ where: { attemptId }, orderBy: { id: 'asc' } })
    return all.map(({ event }) => event)
  }
  const unanswered = (asked: Promise<unknown>) => void asked.catch(() => undefined)

  async function chooseOwn(name: Name): Promise<void> {
    const { person, attemptId } = visits[name]
    const { choices = [] } = await outcomeOf(person, attemptId)
    // Sikka's stand-in puts the own one last.
    unanswered(person.client.pms.choosePractice.mutate({ attemptId, choiceId: choices.at(-1)?.id ?? '' }))
  }

  beforeAll(async () => {
    system = await startStandIns(await freePort())
    changedEnds = await watchEndedAttempts(system)
    dying = await startServer(system)
    const several = { issuedTo: 'absent', practices: 'several' } as const
    for (const [index, name] of names.entries()) {
      const scenario = ['offering', 'resuming', 'dropping'].includes(name) ? several : {}
      visits[name] = await setOut(system, dying, `D0300${index}`, { scenario })
    }
    const { offering, resuming, dropping, writing, disconnecting } = visits
    const isHeld = hold(dying, 'asking', [
      { line: 'database', says: `SET status = 'CHOOSING'[\\s\\S]*${offering.attemptId}` },
      { line: 'database', says: `SELECT now\\(\\) AS now[\\s\\S]*${disconnecting.accountId}` },
      { line: 'secretsManager', says: asks('GetSecretValue', `attempts/${resuming.attemptId}`) },
      { line: 'secretsManager', says: asks('DeleteSecret', `attempts/${dropping.attemptId}`) },
      { line: 'secretsManager', says: asks('CreateSecret', writing.accountId) },
    ])
    // First, on a connection of its own: one that was used before would soon be closed as idle at the other end.
    unanswered(open(writing.person.browser, writing.callback))
    await until(async () => (await attempt('writing')).status === 'STORING')
    await open(disconnecting.person.browser, disconnecting.callback)
    await until(async () => (await attempt('disconnecting')).status === 'COMPLETED')
    for (const { person, callback } of [offering, resuming, dropping]) await open(person.browser, callback)
    await chooseOwn('resuming')
    await chooseOwn('dropping')
    await until(async () => (await attempt('dropping')).status === 'COMPLETED')
    unanswered(disconnecting.person.client.pms.disconnect.mutate())
    await until(async () => isHeld() && (await row('disconnecting')).status === 'INACTIVE')

    killedAt = await databaseTime(system)
    await dying.crash('secretsManager')
    for (const name of names) left[name] = { attempt: await attempt(name), secrets: await secretsOf(name) }
    await jobsOfTheDeadComeAgain(system)
    survivor = await startServer(system)
  })
  afterAll(async () => {
    await survivor[Symbol.asyncDispose]()
    await dying[Symbol.asyncDispose]()
    await system.stop()
  })

  it('when a practice is chosen, the keys kept for it not read: the next server goes on from them', async () => {
    expect(left.resuming.attempt).toMatchObject({ status: 'KEYS_RECEIVED', choices: expect.anything() })
    expect(await outcome('resuming')).toMatchObject({ status: 'connected' })
    expect(await time('resuming')).toBeLessThan(longest)
    expect(await row('resuming')).toMatchObject({ status: 'ACTIVE', officeId: 'D03001' })
    expect(await system.readSecret(await row('resuming'))).toMatchObject({ officeId: 'D03001' })
    expect(await events('resuming')).toEqual(['STARTED', 'AUTHORIZED', 'CHOSEN', 'CONNECTED'])
    await until(async () => (await secretsOf('resuming')).length === 1)
    expect(system.sikka.calls.exchangesByCode[visits.resuming.codeNumber]).toBe(1)
  })

  it('when a choice is connected, the keys kept for it not dropped: they are dropped, and not revoked', async () => {
    expect(left.dropping.secrets).toHaveLength(2)
    expect(await outcome('dropping')).toMatchObject({ status: 'connected' })
    await until(async () => (await secretsOf('dropping')).length === 1)
    expect(await system.readSecret(await row('dropping'))).toMatchObject({ officeId: 'D03002' })
    expect(await events('dropping')).toEqual(['STARTED', 'AUTHORIZED', 'CHOSEN', 'CONNECTED'])
  })

  it('when the keys are kept for a choice, that they are not committed: connect again; they are revoked', async () => {
    expect(left.offering.attempt).toMatchObject({ status: 'KEYS_RECEIVED', choices: null })
    expect(left.offering.secrets).toEqual([`parlae/pms/sikka/attempts/${visits.offering.attemptId}`])
    expect(await outcome('offering')).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
    expect(await time('offering')).toBeLessThan(longest)
    expect(await lastEvents(system, visits.offering.attemptId)).toEqual(['FAILED'])
    await until(async () => (await secretsOf('offering')).length === 0)
  })

  it('when a disconnect is committed, nothing else done: the keys are revoked and the secret is deleted', async () => {
    await until(async () => (await secretsOf('disconnecting')).length === 0)
    await expect(system.readSecret(await row('disconnecting'))).rejects.toThrow('marked for deletion')
  })

  it('F79: when its write to Secrets Manager is under way, and arrives after the attempt has failed: it does not stay', async () => {
    expect(left.writing).toMatchObject({ attempt: { status: 'STORING' }, secrets: [] })
    expect(await outcome('writing')).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
    expect(await secretsOf('writing')).toEqual([])
    dying.lines.secretsManager.heal()
    await until(async () => (await secretsOf('writing')).length === 1)
    await jobsAreDue(system, 'settle-secret')
    await until(async () => (await secretsOf('writing')).length === 0)
  })

  it('leaves nothing that must not be', async () => {
    expect(await violations(system)).toEqual([])
    expect(await changedEnds()).toEqual([])
    expect(await system.db.pmsIntegration.count({ where: { status: 'ACTIVE' } })).toBe(2)
    // Of two whose attempt failed, and of one who disconnected.
    expect(revocations(system)).toBeGreaterThanOrEqual(6)
  })
})

it('a server that is killed after it has deleted a secret, which a new consent needs: the secret comes back', async () => {
  await using system = await startStandIns(await freePort())
  const person = await system.newPerson()
  const row = () => system.db.pmsIntegration.findFirstOrThrow()
  await using dying = await startServer(system)
  await connect(dying.here(person))
  dying.lines.secretsManager.set({ kind: 'hang', when: asks('DeleteSecret', (await row()).accountId) })
  await dying.here(person).client.pms.disconnect.mutate()
  await dying.lines.secretsManager.struck()
  const killedAt = new Date(await databaseTime(system))
  await dying.crash()
  await using survivor = await startServer(system)
  expect((await connect(survivor.here(person))).outcome).toMatchObject({ status: 'connected' })
  await jobsAreDue(system, 'settle-secret')
  // All that this consent has asked for is done; what is left was in the hands of the dead.
  await until(async () => {
    const others = await system.db.$queryRaw<unknown[]>`
      SELECT 1 FROM pgboss.job
      WHERE name = 'settle-secret' AND (state < 'active' OR state = 'active' AND started_on > ${killedAt})`
    return others.length === 0
  })

  // What it had sent arrives, and nobody is there to look again whether that was right.
  using hand = byHand(system)
  await hand.scheduleDeletion(await row())
  await expect(system.readSecret(await row())).rejects.toThrow('marked for deletion')
  await jobsOfTheDeadComeAgain(system)
  await until(async () => (await violations(system)).length === 0)
  expect(await row()).toMatchObject({ status: 'ACTIVE' })
  expect(await system.readSecret(await row())).toMatchObject({ officeId: 'D00001' })
})
