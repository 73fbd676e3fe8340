import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startFaultProxy } from '../sandbox/fault-proxy/start.ts'
import { jobQueue } from '../src/store/job-queue.ts'
import { queues } from '../src/store/jobs.ts'
import { freshDatabase } from './harness/fresh-database.ts'
import { openStores, type OpenStores } from './harness/open-stores.ts'
import { until } from './harness/until.ts'

let database: Awaited<ReturnType<typeof freshDatabase>>
let stores: OpenStores

beforeAll(async () => {
  database = await freshDatabase()
  stores = await openStores(database.url)
})
afterAll(async () => {
  await stores[Symbol.asyncDispose]()
  await database.drop()
})

it('X5: a changed policy reaches queues that an older version has made, retention included (S14)', async () => {
  await stores.db.$executeRaw`
    UPDATE pgboss.queue SET retry_limit = 1, retry_delay = 999, retry_backoff = false, retry_delay_max = NULL,
      expire_seconds = 7, retention_seconds = 60, deletion_seconds = 60`
  const jobs = jobQueue(database.url, pino({ level: 'silent' }))
  await jobs.start()
  await jobs.close()
  const rows = await stores.db.$queryRaw<{ name: string }[]>`
    SELECT name, retry_limit AS "retryLimit", retry_delay AS "retryDelay", retry_backoff AS "retryBackoff",
      retry_delay_max AS "retryDelayMax", expire_seconds AS "expireInSeconds", retention_seconds AS "retentionSeconds",
      deletion_seconds AS "deleteAfterSeconds", heartbeat_seconds AS "heartbeatSeconds"
    FROM pgboss.queue`
  for (const [name, { warningQueueSize: _, ...policy }] of Object.entries<Record<string, unknown>>(queues)) {
    expect(rows.find((row) => row.name === name)).toMatchObject(policy)
  }
  const refresh = rows.find(({ name }) => name === 'refresh-keys') as { retentionSeconds?: number } | undefined
  expect(refresh?.retentionSeconds, 'longer than any key lives').toBeGreaterThan(30 * 24 * 60 * 60)
})

it('S19: a start that failed half-way is made again; a queue has one worker however often it is asked for', async () => {
  const { hostname: host, port } = new URL(database.url)
  await using line = await startFaultProxy({ target: { host, port: Number(port) } })
  const url = new URL(database.url)
  url.host = `127.0.0.1:${line.port}`
  const jobs = jobQueue(url.href, pino({ level: 'silent' }))
  line.set({ kind: 'reset', when: 'release-grant', times: 1 })
  await expect(jobs.start()).rejects.toThrow('ECONNRESET')
  line.heal()
  const running = new Set<string>()
  let most = 0
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const probes: string[] = []
  for (let times = 0; times < 3; times++) {
    await jobs.start()
    jobs.work(
      'settle-secret',
      async ({ accountId }) => {
        running.add(accountId)
        most = Math.max(most, running.size)
        await held
        running.delete(accountId)
      },
      { atOnce: 1, perSecond: 1 },
    )
    jobs.work('revoke-version', async ({ versionId }) => void probes.push(versionId), { atOnce: 1, perSecond: 1 })
  }
  const send = (name: string, data: object) =>
    stores.db.$executeRaw`INSERT INTO pgboss.job (name, data) VALUES (${name}, ${JSON.stringify(data)}::jsonb)`
  for (const accountId of ['one', 'two', 'three']) await send('settle-secret', { accountId })
  await until(async () => running.size > 0)
  // Another worker would have asked in the time that these are taken in, one after the other.
  for (const versionId of ['one', 'two']) {
    await send('revoke-version', { versionId })
    await until(async () => probes.includes(versionId))
  }
  expect(most).toBe(1)
  release()
  await jobs.stop(5_000)
  await jobs.close()
})

it('T7: many jobs of one account do not keep another account waiting', async () => {
  const jobs = jobQueue(database.url, pino({ level: 'silent' }))
  await jobs.start()
  for (const accountId of [...Array<string>(20).fill('many'), 'one']) {
    await stores.db.$executeRaw`
      INSERT INTO pgboss.job (name, data, group_id)
      VALUES ('release-grant', ${JSON.stringify({ accountId })}::jsonb, ${accountId})`
  }
  const begun: string[] = []
  const handle = async ({ accountId }: { accountId: string }) => void begun.push(accountId)
  jobs.work('release-grant', handle, { atOnce: 5, perSecond: 5 })
  await until(() => begun.includes('one'))
  expect(begun).toEqual(['many', 'one'])
  await jobs.stop(5_000)
  await jobs.close()
})
