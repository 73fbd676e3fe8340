import { beforeAll, describe, expect, it } from 'vitest'
import { lastEvents, violations } from './harness/invariants.ts'
import { jobsAreDue } from './harness/jobs.ts'
import { olderServer, type OlderAttempt } from './harness/older-server.ts'
import { stage } from './harness/stage.ts'
import { changed, connect, decide } from './harness/visit.ts'

const on = stage()
let older: ReturnType<typeof olderServer>

beforeAll(async () => {
  older = olderServer(on.system)
})

const row = () => on.system.db.pmsIntegration.findFirstOrThrow()
const attempt = ({ attemptId: id }: OlderAttempt) =>
  on.system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })
const status = (attemptId: string) => on.person.client.pms.connectionStatus.query({ attemptId })

/** Started here, and allowed at Sikka; the callback has yet to come. */
async function started(): Promise<OlderAttempt & { code: string }> {
  const { accountId } = await on.person.client.account.current.query()
  const { attemptId, authorizationUrl } = await on.person.client.pms.startConnection.mutate()
  const callback = new URL(await decide(on.person.browser, authorizationUrl))
  return { attemptId, accountId, officeId: 'D00001', code: callback.searchParams.get('code') ?? '' }
}

describe('F87: an attempt in the hands of a server of the version before', () => {
  it('is connecting, is nobody’s to take over while that server may live, and completes', async () => {
    const own = await started()
    expect(await older.claim(own)).toBe(true)
    let told = await status(own.attemptId)
    expect(told).toMatchObject({ status: 'connecting', step: 'authorized' })
    // That server's changes are heard of a moment after they are committed.
    const becomes = async (expected: Partial<typeof told>) => {
      told = await changed(on.person, { ...told, attemptId: own.attemptId })
      expect(told).toMatchObject(expected)
    }
    const secretArn = await older.writeSecret(own, own.code)
    expect(await older.recordKeys(own)).toBe(true)
    await becomes({ status: 'connecting', step: 'keys_received' })
    expect(await older.startStoring(own)).toBe(true)
    await becomes({ status: 'connecting', step: 'practice_found' })
    const before = await attempt(own)
    await on.system.watch(own.attemptId)
    await on.system.sweep()
    expect(await attempt(own)).toEqual(before)

    expect(await older.activate(own, secretArn)).toBe(true)
    await becomes({ status: 'connected' })
    expect(await lastEvents(on.system, own.attemptId)).toEqual(['CONNECTED'])
    expect(await violations(on.system)).toEqual([])
  })

  it('leaves a practice whose keys are refreshed as others are', async () => {
    const own = await started()
    await older.claim(own)
    const secretArn = await older.writeSecret(own, own.code)
    await older.recordKeys(own)
    await older.startStoring(own)
    await older.activate(own, secretArn)
    expect(await row()).toMatchObject({ refreshDueAt: null })

    await on.system.sweep()
    const { refreshDueAt, tokenExpiresAt, secretVersionId } = await row()
    expect(refreshDueAt?.getTime()).toBeGreaterThan(Date.now())
    expect(refreshDueAt?.getTime()).toBeLessThan(tokenExpiresAt.getTime())
    await on.system.makeDue(await row())
    await jobsAreDue(on.system, 'refresh-keys')
    await on.system.until(async () => (await row()).secretVersionId !== secretVersionId)
    await on.system.until(async () => (await violations(on.system)).length === 0)
  })

  it.each([
    ['CODE_RECEIVED', 'FAILED'],
    ['KEYS_RECEIVED', 'FAILED'],
    ['STORING', 'FAILED'],
    ['a written secret', 'CONNECTED'],
  ] as const)('that died two minutes ago with %s: %s', async (reached, event) => {
    const own = await started()
    await older.claim(own)
    if (reached !== 'CODE_RECEIVED') await older.recordKeys(own)
    if (reached === 'STORING' || reached === 'a written secret') await older.startStoring(own)
    const secretArn = reached === 'a written secret' ? await older.writeSecret(own, own.code) : ''
    const { attemptId } = own
    await on.system.db.$executeRaw`
      UPDATE pms_connection_attempts SET "claimedAt" = now() - interval '126 seconds' WHERE id = ${attemptId}::uuid`
    // Nothing but the sweep looks for it: that server has sent no job.
    await on.system.sweep()
    await on.system.until(async () => (await attempt(own)).finishedAt !== null)
    expect(await lastEvents(on.system, attemptId)).toEqual([event])
    expect(await status(attemptId)).toMatchObject({ status: event === 'CONNECTED' ? 'connected' : 'failed' })
    // Should it live after all, it changes nothing any more.
    expect(await older.activate(own, secretArn)).toBe(false)
    await on.system.until(async () => (await violations(on.system)).length === 0)
  })
})

describe('F87: what a newer version has written', () => {
  beforeAll(async () => {
    for (const type of ['AttemptStatus', 'IntegrationStatus', 'AuditEvent', 'CallbackAnswer']) {
      // Its migrations come before its servers.
      await on.system.db.$executeRawUnsafe(`ALTER TYPE "${type}" ADD VALUE 'NEWER'`)
    }
  })

  it('as an attempt’s status is left alone, and breaks nothing', async () => {
    const { attemptId } = await started()
    await on.system.db.$executeRaw`
      UPDATE pms_connection_attempts SET status = 'NEWER', answer = 'NEWER', "claimedAt" = now() - interval '2 minutes',
        "deadline" = now() - interval '1 minute', "leaseUntil" = now() - interval '1 minute' WHERE id = ${attemptId}::uuid`
    expect(await status(attemptId)).toMatchObject({ status: 'connecting' })
    await on.system.sweep()
    await jobsAreDue(on.system, 'watch-attempt')
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
    expect(await on.person.client.pms.disconnect.mutate()).toMatchObject({ status: 'pending' })
    // The job of the disconnect would rightly fail, and come again, while the next attempt writes to the same secret.
    await on.system.until(async () => (await on.system.secretNames()).length === 0)
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
    const [kept] = await on.system.db.$queryRaw<{ status: string }[]>`
      SELECT status::text FROM pms_connection_attempts WHERE id = ${attemptId}::uuid`
    expect(kept).toEqual({ status: 'NEWER' })
    expect(on.system.log.filter((line) => line.includes('a job failed'))).toEqual([])
  })

  it('as an attempt’s status, its time over, is not asked for again and again while a request is held', async () => {
    const { attemptId } = await started()
    await on.system.db.$executeRaw`
      UPDATE pms_connection_attempts SET status = 'NEWER', "claimedAt" = now() - interval '2 minutes',
        "deadline" = now() - interval '1 minute' WHERE id = ${attemptId}::uuid`
    const { revision } = await status(attemptId)
    const looks = async () => {
      const [found] = await on.system.db.$queryRaw<{ count: number }[]>`
        SELECT xact_commit::int AS count FROM pg_stat_database WHERE datname = current_database()`
      return found?.count ?? 0
    }
    const before = await looks()
    await on.person.client.pms.connectionStatus.query({ attemptId, after: revision, waitSeconds: 2 })
    await on.system.db.$executeRaw`SELECT pg_stat_force_next_flush()`
    expect((await looks()) - before).toBeLessThan(200)
  })

  it('as an integration’s status keeps its keys, and ends with a disconnect', async () => {
    await connect(on.person)
    await on.system.db.$executeRaw`UPDATE pms_integrations SET status = 'NEWER'`
    const answer = await on.person.client.pms.connectionStatus.query()
    expect(answer).toMatchObject({ practiceName: 'Happy Dental Clinic' })
    await jobsAreDue(on.system, 'settle-secret')
    await on.system.until(async () => {
      const open = await on.system.db.$queryRaw<unknown[]>`
        SELECT 1 FROM pgboss.job WHERE name = 'settle-secret' AND state IN ('created', 'retry', 'active')`
      return open.length === 0
    })
    expect(await on.system.secretNames()).toHaveLength(1)

    expect(await on.person.client.pms.disconnect.mutate()).toMatchObject({ status: 'pending' })
    await on.system.until(async () => (await on.system.secretNames()).length === 0)
    expect(await row()).toMatchObject({ status: 'INACTIVE' })
  })

  it('as an event is passed over in the history', async () => {
    await connect(on.person)
    const { accountId } = await row()
    const before = await on.person.client.pms.history.query()
    await on.system.db
      .$executeRaw`INSERT INTO pms_audit_events (event, "accountId") VALUES ('NEWER', ${accountId}::uuid)`
    expect(await on.person.client.pms.history.query()).toEqual(before)
  })
})
