import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { openStores } from './harness/open-stores.ts'
import { stage } from './harness/stage.ts'

const on = stage()

const day = 24 * 60 * 60 * 1000

/** Practices that are connected within a moment, with keys that end within that minute; by the statement that does it. */
async function connectMany(count: number, endsAt: number): Promise<void> {
  const accounts = Array.from({ length: count }, (_, index) => ({ id: randomUUID(), officeId: `D${10_000 + index}` }))
  await on.system.db.account.createMany({
    data: accounts.map(({ id }) => ({ id, issuer: 'https://auth.example.com', subject: id })),
  })
  const common = { provider: 'SIKKA', status: 'STORING', claimedAt: new Date(), browserHash: Buffer.of() } as const
  await on.system.db.pmsConnectionAttempt.createMany({
    data: accounts.map(({ id, officeId }) => ({ ...common, id, accountId: id, officeId, nonceHash: Buffer.from(id) })),
  })
  await using stores = await openStores(on.system.databaseUrl)
  const todo = accounts.values()
  const connectTheRest = async (): Promise<void> => {
    for (const { id, officeId } of todo) {
      const practice = {
        officeId,
        secretArn: 'arn:demo',
        practiceName: 'Happy Dental Clinic',
        pmsType: 'Dentrix',
        secretVersionId: randomUUID(),
        isSettled: true,
        tokenExpiresAt: new Date(endsAt + Math.random() * 60_000),
      }
      await stores.integrations.activate({ id, leaseToken: 0, accountId: id }, practice, undefined)
    }
  }
  // As many at once as the pool has connections; they share the one list.
  await Promise.all(Array.from({ length: 10 }, connectTheRest))
}

it('F102: 10,000 that end within a minute are due at 75 to 85 % of their life, evenly, 20 a second at most', async () => {
  await connectMany(10_000, Date.now() + day)
  const [life] = await on.system.db.$queryRaw<{ least: number; most: number; rows: number }[]>`
    SELECT min(part) AS least, max(part) AS most, count(part)::int AS rows FROM (
      SELECT EXTRACT(epoch FROM "refreshDueAt" - "connectedAt")::float
        / EXTRACT(epoch FROM "tokenExpiresAt" - "connectedAt")::float AS part FROM pms_integrations
    ) AS parts`
  expect(life?.rows).toBe(10_000)
  // Times are whole milliseconds.
  expect(life?.least).toBeGreaterThanOrEqual(0.75 - 1e-6)
  expect(life?.most).toBeLessThanOrEqual(0.85 + 1e-6)

  const tenths = await on.system.db.$queryRaw<{ rows: number }[]>`
    SELECT count(*)::int AS rows FROM pms_integrations
    GROUP BY floor((EXTRACT(epoch FROM "refreshDueAt" - "connectedAt")
      / EXTRACT(epoch FROM "tokenExpiresAt" - "connectedAt") - 0.75) * 100)
    ORDER BY rows`
  expect(tenths).toHaveLength(10)
  // Each 1,000, give or take six times the 30 that chance makes of it.
  expect(tenths.at(0)?.rows).toBeGreaterThan(800)
  expect(tenths.at(-1)?.rows).toBeLessThan(1_200)

  const [rush] = await on.system.db.$queryRaw<{ due: number; ending: number }[]>`
    SELECT
      (SELECT max(n)::int FROM (SELECT count(*) AS n FROM pms_integrations
        GROUP BY date_trunc('second', "refreshDueAt")) AS seconds) AS due,
      (SELECT max(n)::int FROM (SELECT count(*) AS n FROM pms_integrations
        GROUP BY date_trunc('second', "tokenExpiresAt")) AS seconds) AS ending`
  expect(rush?.due).toBeLessThanOrEqual(20)
  // So it would be without the spread.
  expect(rush?.ending).toBeGreaterThan(100)
})
