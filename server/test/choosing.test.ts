import { randomUUID } from 'node:crypto'
import { connectionErrorText } from '@pms/shared/errors'
import { beforeEach, describe, expect, it } from 'vitest'
import { stage } from './harness/stage.ts'
import { changed, choose, connect, outcomeOf } from './harness/visit.ts'

const on = stage()

const revocations = () => on.system.sikka.calls.deleteRequestKey + on.system.sikka.calls.deleteRefreshKey
const rows = () => on.system.db.pmsIntegration.findMany()
const attempt = (id: string) => on.system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })
const events = async (attemptId: string) =>
  (await on.system.db.pmsAuditEvent.findMany({ where: { attemptId }, orderBy: { id: 'asc' } })).map(
    ({ event }) => event,
  )

describe('F42: several practices, and none is named', () => {
  beforeEach(() => on.system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' }))

  it('are offered for ten minutes, and nothing is connected before one is chosen', async () => {
    const { outcome } = await connect(on.person)
    expect(outcome).toMatchObject({ status: 'connecting', isConnected: false, step: 'keys_received' })
    expect(outcome.choices?.map(({ practiceName }) => practiceName)).toEqual([
      'Dental office 1 (another user)',
      'Dental office 2 (another user)',
      'Happy Dental Clinic',
    ])
    expect(outcome).not.toHaveProperty('replaces')
    const left = Date.parse(outcome.deadline ?? '') - Date.parse(outcome.timestamp)
    expect(left).toBeGreaterThan(595_000)
    expect(left).toBeLessThanOrEqual(600_000)
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({ choices: outcome.choices })
    expect(await rows()).toEqual([])
  })

  it('are connected as chosen, with the keys that were kept, which are kept no longer', async () => {
    const { outcome, attemptId } = await connect(on.person)
    expect(await choose(on.person, outcome, 'Happy Dental Clinic')).toMatchObject({
      status: 'connected',
      practiceName: 'Happy Dental Clinic',
      pmsType: 'Dentrix',
    })
    const [row] = await rows()
    expect(row).toMatchObject({ status: 'ACTIVE', officeId: 'D00001' })
    expect(await on.system.readSecret(row)).toMatchObject({ officeId: 'D00001', practiceName: 'Happy Dental Clinic' })
    await on.system.until(async () => (await on.system.secretNames()).length === 1)
    expect(await events(attemptId)).toEqual(['STARTED', 'AUTHORIZED', 'CHOSEN', 'CONNECTED'])
    expect(on.system.sikka.calls.requestKey.authorization_code).toBe(1)
  })

  it.each([
    ['an id that was not offered', () => randomUUID()],
    ['the office behind a choice', () => 'D00001'],
  ])('refuse %s, and stay to be chosen', async (_, choiceId) => {
    const { outcome, attemptId } = await connect(on.person)
    const error = on.person.client.pms.choosePractice.mutate({ attemptId, choiceId: choiceId() })
    await expect(error).rejects.toMatchObject({ data: { code: expect.stringMatching(/CONFLICT|BAD_REQUEST/) } })
    expect(await on.person.client.pms.connectionStatus.query({ attemptId })).toMatchObject({ choices: outcome.choices })
    expect(await choose(on.person, outcome, 'Happy Dental Clinic')).toMatchObject({ status: 'connected' })
  })

  it('I6: are nobody else’s to choose', async () => {
    const { outcome, attemptId } = await connect(on.person)
    const other = await on.system.newPerson()
    const choiceId = outcome.choices?.[0]?.id ?? ''
    await expect(other.client.pms.choosePractice.mutate({ attemptId, choiceId })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND' },
    })
    expect((await attempt(attemptId)).status).toBe('CHOOSING')
  })

  it('are chosen once, of 20 choices at once', async () => {
    const { outcome, attemptId } = await connect(on.person)
    const choices = (outcome.choices ?? []).flatMap(({ id }) => Array.from({ length: 7 }, () => id))
    const answers = await Promise.allSettled(
      choices.map((choiceId) => on.person.client.pms.choosePractice.mutate({ attemptId, choiceId })),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'connected' })
    // The jobs that check for abandoned work run later, not while the work is still going on.
    const checks = await on.system.db.$queryRaw<{ seconds: number }[]>`
      SELECT EXTRACT(EPOCH FROM start_after - created_on)::int AS seconds FROM pgboss.job
      WHERE name = 'watch-attempt' AND data->>'attemptId' = ${attemptId}`
    expect(checks.length).toBeGreaterThan(1)
    for (const { seconds } of checks) expect(seconds).toBeGreaterThan(5)
    expect(await rows()).toHaveLength(1)
  })

  it('expire when nobody chooses in ten minutes; the keys are then revoked and kept no longer', async () => {
    const { attemptId, outcome } = await connect(on.person)
    await on.system.db.$executeRaw`UPDATE pms_connection_attempts SET "deadline" = now() WHERE id = ${attemptId}::uuid`
    expect(await changed(on.person, outcome)).toMatchObject({ status: 'failed', errorCode: 'EXPIRED', attemptId })
    const choiceId = outcome.choices?.[0]?.id ?? ''
    await expect(on.person.client.pms.choosePractice.mutate({ attemptId, choiceId })).rejects.toMatchObject({
      data: { code: 'CONFLICT' },
    })
    await on.system.watch(attemptId)
    expect(await attempt(attemptId)).toMatchObject({ status: 'EXPIRED', errorCode: 'EXPIRED' })
    expect(await events(attemptId)).toEqual(['STARTED', 'AUTHORIZED', 'EXPIRED'])
    await on.system.until(async () => (await on.system.secretNames()).length === 0)
    expect(revocations()).toBe(2)
  })

  it('declined are over at once: their keys are revoked and kept no longer, and the account waits for nothing', async () => {
    const { outcome, attemptId } = await connect(on.person)
    const declined = await on.person.client.pms.declineChoice.mutate({ attemptId })
    expect(declined).toMatchObject({ status: 'failed', errorCode: 'DECLINED', attemptId })
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({ status: 'pending' })
    expect(await attempt(attemptId)).toMatchObject({ status: 'CANCELLED', errorCode: 'DECLINED' })
    // Once more changes nothing, and a choice comes too late.
    expect(await on.person.client.pms.declineChoice.mutate({ attemptId })).toMatchObject({
      revision: declined.revision,
    })
    const choice = { attemptId, choiceId: outcome.choices?.[0]?.id ?? '' }
    await expect(on.person.client.pms.choosePractice.mutate(choice)).rejects.toMatchObject({
      data: { code: 'CONFLICT' },
    })
    expect(await events(attemptId)).toEqual(['STARTED', 'AUTHORIZED', 'CANCELLED'])
    await on.system.until(async () => (await on.system.secretNames()).length === 0)
    expect(revocations()).toBe(2)
  })

  it('P2: declined, left for a newer attempt and ended by a disconnect are told apart, by status and history', async () => {
    const told = async (attemptId: string) => {
      const { events: all } = await on.person.client.pms.history.query()
      const { error, errorCode, revision } = await on.person.client.pms.connectionStatus.query({ attemptId })
      const last = all.find((event) => event.attemptId === attemptId)
      return { error, errorCode, revision, event: last?.event, historyCode: last?.errorCode }
    }
    const [declined, replaced, disconnected] = [
      await connect(on.person),
      await connect(on.person),
      await connect(on.person),
    ]
    await on.person.client.pms.declineChoice.mutate({ attemptId: declined.attemptId })
    await on.person.client.pms.startConnection.mutate()
    await on.person.client.pms.declineChoice.mutate({ attemptId: replaced.attemptId })
    await on.person.client.pms.disconnect.mutate()
    for (const [{ attemptId, outcome }, errorCode] of [
      [declined, 'DECLINED'],
      [replaced, 'REPLACED'],
      [disconnected, 'DISCONNECTED'],
    ] as const) {
      const now = await told(attemptId)
      expect(now).toMatchObject({ errorCode, error: connectionErrorText[errorCode] })
      expect(now).toMatchObject({ event: 'cancelled', historyCode: errorCode })
      expect(now.revision).not.toBe(outcome.revision)
    }
  })

  it('P2: what was recorded before the reasons were told apart is not called a denial', async () => {
    const { accountId } = await on.person.client.account.current.query()
    await on.system.db.pmsAuditEvent.create({ data: { event: 'CANCELLED', code: 'ACCESS_DENIED', accountId } })
    const { events: all } = await on.person.client.pms.history.query()
    expect(all.map(({ event, errorCode }) => [event, errorCode])).toEqual([['cancelled', undefined]])
  })

  it('I6: are nobody else’s to decline, and are not declined past their end', async () => {
    const { attemptId } = await connect(on.person)
    const other = await on.system.newPerson()
    await expect(other.client.pms.declineChoice.mutate({ attemptId })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND' },
    })
    expect(await attempt(attemptId)).toMatchObject({ status: 'CHOOSING' })
    await on.system.db.$executeRaw`UPDATE pms_connection_attempts SET "deadline" = now() WHERE id = ${attemptId}::uuid`
    expect(await on.person.client.pms.declineChoice.mutate({ attemptId })).toMatchObject({ errorCode: 'EXPIRED' })
    expect(await attempt(attemptId)).toMatchObject({ status: 'CHOOSING' })
  })

  it('declined and chosen at once are one of the two', async () => {
    const { outcome, attemptId } = await connect(on.person)
    const choiceId = outcome.choices?.find(({ practiceName }) => practiceName === 'Happy Dental Clinic')?.id ?? ''
    await Promise.allSettled([
      ...Array.from({ length: 5 }, () => on.person.client.pms.choosePractice.mutate({ attemptId, choiceId })),
      ...Array.from({ length: 5 }, () => on.person.client.pms.declineChoice.mutate({ attemptId })),
    ])
    const { status } = await outcomeOf(on.person, attemptId)
    const happened = await events(attemptId)
    expect(happened.filter((event) => event === 'CHOSEN' || event === 'CANCELLED')).toHaveLength(1)
    expect(happened.at(-1)).toBe(status === 'connected' ? 'CONNECTED' : 'CANCELLED')
    expect(await rows()).toHaveLength(status === 'connected' ? 1 : 0)
  })

  it('are not offered when the list holds an office of another account: it is not this user’s list', async () => {
    on.system.sikka.setScenario({ issuedTo: 'present', practices: 'one', officeId: 'D01001' })
    expect((await connect(await on.system.newPerson())).outcome.status).toBe('connected')
    on.system.sikka.setScenario({ issuedTo: 'absent', practices: 'several', officeId: null })
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'failed', errorCode: 'OFFICE_UNPROVEN' })
    expect(await rows()).toHaveLength(1)
  })

  it('that belong to another account by the time of the choice are refused', async () => {
    const { outcome } = await connect(on.person)
    on.system.sikka.setScenario({ issuedTo: 'present', practices: 'one' })
    expect((await connect(await on.system.newPerson())).outcome.status).toBe('connected')
    on.system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
    expect(await choose(on.person, outcome, 'Happy Dental Clinic')).toMatchObject({
      status: 'failed',
      errorCode: 'CONFLICT',
    })
  })
})

describe('F47: another practice than the connected one', () => {
  it('is offered as one choice that says what it would replace, and harms nothing', async () => {
    await connect(on.person)
    const before = await rows()
    const { outcome } = await connect(on.person, 'D00002')
    expect(outcome).toMatchObject({
      status: 'connecting',
      choices: [{ id: expect.any(String), practiceName: 'Maple Street Dental', pmsType: 'Eaglesoft' }],
      replaces: 'Happy Dental Clinic',
    })
    expect(await rows()).toEqual(before)
    expect(await on.system.readSecret(before[0])).toMatchObject({ officeId: 'D00001' })
  })

  it('replaces it with a yes: same row, same secret, and the former keys are revoked', async () => {
    await connect(on.person)
    const [before] = await rows()
    const { outcome } = await connect(on.person, 'D00002')
    expect(await choose(on.person, outcome, 'Maple Street Dental')).toMatchObject({
      status: 'connected',
      practiceName: 'Maple Street Dental',
    })
    const [after, ...more] = await rows()
    expect(more).toEqual([])
    expect(after).toMatchObject({ id: before?.id, officeId: 'D00002', status: 'ACTIVE' })
    await on.system.until(async () => (await on.system.readSecret(after))['officeId'] === 'D00002')
    await on.system.until(async () => revocations() === 2)
  })

  it('asks once more when what it replaces has changed since the question', async () => {
    await connect(on.person)
    const first = await connect(on.person, 'D00002')
    const second = await connect(on.person, 'D00003')
    expect(await choose(on.person, second.outcome, 'Lakeside Family Dentistry')).toMatchObject({ status: 'connected' })
    const again = await choose(on.person, first.outcome, 'Maple Street Dental')
    expect(again).toMatchObject({ status: 'connecting', replaces: 'Lakeside Family Dentistry' })
    expect((await rows())[0]).toMatchObject({ officeId: 'D00003' })
    expect(await choose(on.person, again, 'Maple Street Dental')).toMatchObject({ status: 'connected' })
  })

  it('does not speak for the account once a newer attempt has connected, and can still be answered', async () => {
    await connect(on.person)
    const { outcome, attemptId } = await connect(on.person, 'D00002')
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connecting', attemptId })
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connected' })
    expect(await on.person.client.pms.connectionStatus.query({ attemptId })).toMatchObject({ choices: outcome.choices })
    expect(await choose(on.person, outcome, 'Maple Street Dental')).toMatchObject({
      practiceName: 'Maple Street Dental',
    })
  })

  it('leaves the connected one as it was when nobody answers', async () => {
    await connect(on.person)
    const { attemptId } = await connect(on.person, 'D00002')
    await on.system.db.$executeRaw`UPDATE pms_connection_attempts SET "deadline" = now() WHERE id = ${attemptId}::uuid`
    await on.system.watch(attemptId)
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({
      status: 'connected',
      practiceName: 'Happy Dental Clinic',
    })
    expect(await on.system.readSecret((await rows())[0])).toMatchObject({ officeId: 'D00001' })
  })
})
