import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { stage } from './harness/stage.ts'
import { startSystem } from './harness/system.ts'
import { connect, decide, open, outcomeOf } from './harness/visit.ts'

const on = stage()

const listeners = () =>
  on.system.db.$queryRaw<{ pid: number }[]>`
    SELECT pid FROM pg_stat_activity WHERE application_name = 'pms-notices' AND datname = current_database()`

/** Milliseconds that something took. */
async function took(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work
  return performance.now() - startedAt
}

describe('a held request', () => {
  it('answers when the status changes, whoever changes it', async () => {
    await connect(on.person)
    const { revision } = await on.person.client.pms.connectionStatus.query()
    const held = on.person.client.pms.connectionStatus.query({ after: revision, waitSeconds: 25 })
    const early = await Promise.race([held.then(() => 'answered'), sleep(300, 'held')])
    expect(early).toBe('held')
    // Plain SQL by somebody else: the trigger tells.
    await on.system.db.$executeRaw`UPDATE pms_integrations SET status = 'INACTIVE'`
    expect(await held).toMatchObject({ status: 'pending' })
  })

  it.each(['tRPC', 'plain'])('N4: ends when its client is gone, and leaves nothing behind: %s', async (way) => {
    const { revision } = await on.person.client.pms.connectionStatus.query()
    const query = way === 'tRPC' ? encodeURIComponent(JSON.stringify({ after: revision, waitSeconds: 25 })) : ''
    const path =
      way === 'tRPC'
        ? `/trpc/pms.connectionStatus?input=${query}`
        : `/api/pms/connection-status?after=${revision}&waitSeconds=25`
    const gone = new AbortController()
    const headers = { authorization: `Bearer ${on.person.accessToken}` }
    const held = fetch(on.system.origin + path, { headers, signal: gone.signal }).catch(() => 'gone')
    await on.system.until(async () => on.system.held().byNotices === 1)
    const wentAt = performance.now()
    gone.abort()
    expect(await held).toBe('gone')
    await on.system.until(async () => on.system.held().byNotices === 0)
    expect(performance.now() - wentAt).toBeLessThan(10_000)
    expect(on.system.held()).toEqual({ byNotices: 0, byDraining: 0 })
  })

  it('N3: of a thousand, none leaves anything behind', async () => {
    const { revision } = await on.person.client.pms.connectionStatus.query()
    const hold = () => on.person.client.pms.connectionStatus.query({ after: revision, waitSeconds: 0.01 })
    for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 50 }, hold))
    expect(on.system.held()).toEqual({ byNotices: 0, byDraining: 0 })
  })

  it('answers unchanged when its time is over', async () => {
    const { revision } = await on.person.client.pms.connectionStatus.query()
    const held = on.person.client.pms.connectionStatus.query({ after: revision, waitSeconds: 0.3 })
    expect(await took(held)).toBeGreaterThan(290)
    expect((await held).revision).toBe(revision)
  })

  it('answers at once without a revision, with another one, or without waiting', async () => {
    const { revision } = await on.person.client.pms.connectionStatus.query()
    for (const input of [{ waitSeconds: 25 }, { after: 'another', waitSeconds: 25 }, { after: revision }]) {
      expect(await took(on.person.client.pms.connectionStatus.query(input))).toBeLessThan(2_000)
    }
  })

  it('I6: is not woken by another account', async () => {
    const { revision } = await on.person.client.pms.connectionStatus.query()
    const held = on.person.client.pms.connectionStatus.query({ after: revision, waitSeconds: 1 })
    await connect(await on.system.newPerson())
    expect((await held).revision).toBe(revision)
  })

  it('learns of an attempt that ends by time alone', async () => {
    const { attemptId } = await on.person.client.pms.startConnection.mutate()
    const { revision } = await on.person.client.pms.connectionStatus.query({ attemptId })
    await on.system.db.$executeRaw`
      UPDATE pms_connection_attempts SET "expiresAt" = now() + interval '500 milliseconds' WHERE id = ${attemptId}::uuid`
    const expired = await on.person.client.pms.connectionStatus.query({ attemptId, after: revision, waitSeconds: 20 })
    expect(expired).toMatchObject({ status: 'failed', errorCode: 'EXPIRED' })
  })

  it('looks for itself while no notice can arrive, and listens again', async () => {
    const [before] = await listeners()
    const { revision } = await on.person.client.pms.connectionStatus.query()
    const held = on.person.client.pms.connectionStatus.query({ after: revision, waitSeconds: 25 })
    await on.system.db.$queryRaw`SELECT pg_terminate_backend(${before?.pid}::int)`
    await connect(on.person)
    expect(await held).not.toMatchObject({ revision })
    await on.system.until(async () => {
      const [now] = await listeners()
      return now !== undefined && now.pid !== before?.pid
    })
    expect(on.system.log.join('\n')).toContain('change notices lost')
  })

  it('ends when the server drains, with the status as it is', async () => {
    await using other = await startSystem()
    const visitor = await other.newPerson()
    const { revision } = await visitor.client.pms.connectionStatus.query()
    const held = visitor.client.pms.connectionStatus.query({ after: revision, waitSeconds: 25 })
    await other.until(async () => (await other.db.account.count()) > 0)
    await sleep(50)
    other.startDraining()
    expect((await held).revision).toBe(revision)
    expect((await fetch(`${other.origin}/readyz`)).status).toBe(503)
    expect((await fetch(`${other.origin}/livez`)).status).toBe(200)
  })
})

describe('the same answer as plain JSON', () => {
  const ask = (query = '', headers: Record<string, string> = { authorization: `Bearer ${on.person.accessToken}` }) =>
    fetch(`${on.system.origin}/api/pms/connection-status${query}`, { headers })

  it('is what pms.connectionStatus says', async () => {
    const { attemptId } = await connect(on.person)
    const { timestamp: _, ...byProcedure } = await on.person.client.pms.connectionStatus.query({ attemptId })
    const response = await ask(`?attemptId=${attemptId}`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({ ...byProcedure, timestamp: expect.any(String) })
  })

  it('is held as well', async () => {
    const { revision } = await on.person.client.pms.connectionStatus.query()
    expect(await took(ask(`?after=${revision}&waitSeconds=0.3`))).toBeGreaterThan(290)
  })

  it.each([
    '?attemptId=5',
    '?waitSeconds=26',
    '?waitSeconds=',
    '?waitSeconds=x',
    '?after=',
    '?after=a&after=b',
    '?accountId=x',
  ])('refuses %s', async (query) => {
    const response = await ask(query)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      code: 'BAD_REQUEST',
      message: 'The request is not valid',
      requestId: response.headers.get('x-request-id'),
    })
  })

  it('I6: knows no attempt of another account', async () => {
    const { attemptId } = await (await on.system.newPerson()).client.pms.startConnection.mutate()
    const response = await ask(`?attemptId=${attemptId}`)
    expect([response.status, await response.json()]).toEqual([404, expect.objectContaining({ code: 'NOT_FOUND' })])
  })

  it('needs a token', async () => {
    const response = await ask('', {})
    expect([response.status, await response.json()]).toEqual([401, expect.objectContaining({ code: 'UNAUTHORIZED' })])
  })
})

describe('an attempt', () => {
  it('I6: of another account does not exist', async () => {
    const { attemptId } = await (await on.system.newPerson()).client.pms.startConnection.mutate()
    await expect(on.person.client.pms.connectionStatus.query({ attemptId })).rejects.toMatchObject({
      message: 'Not found',
      data: { code: 'NOT_FOUND', httpStatus: 404, requestId: expect.any(String) },
    })
  })

  it('I4, I7: that nobody has ended in time is failed, and stays so', async () => {
    on.system.sikka.setScenario({ exchangeAnswer: 'hang' })
    const { attemptId, authorizationUrl } = await on.person.client.pms.startConnection.mutate()
    await open(on.person.browser, await decide(on.person.browser, authorizationUrl))
    await on.system.db.$executeRaw`
      UPDATE pms_connection_attempts SET "deadline" = now() - interval '11 seconds' WHERE id = ${attemptId}::uuid`
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({ status: 'pending' })
  })
})
