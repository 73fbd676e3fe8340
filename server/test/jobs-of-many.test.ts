import { PgBoss } from 'pg-boss'
import { expect, it } from 'vitest'
import { stage } from './harness/stage.ts'
import type { Person } from './harness/person.ts'
import { connect } from './harness/visit.ts'

const on = stage()

const disconnect = (person: Person) => person.client.pms.disconnect.mutate()
const jobsOf = async (accountId: string) =>
  on.system.db.$queryRaw<{ name: string }[]>`
    SELECT name FROM pgboss.job WHERE data->>'accountId' = ${accountId} AND name <> 'watch-attempt'`
const accountOf = async ({ client }: Person) => (await client.account.current.query()).accountId

/** Connects a practice. @returns its row and the request key that it uses */
async function connected(person: Person, officeId: string) {
  on.system.sikka.setScenario({ officeId })
  expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
  const accountId = await accountOf(person)
  const row = await on.system.db.pmsIntegration.findFirstOrThrow({ where: { accountId } })
  return { accountId, row, requestKey: String((await on.system.readSecret(row))['requestKey']) }
}

const isGone = (accountId: string) => async () =>
  !(await on.system.secretNames()).some((name) => name.endsWith(accountId))

it('T7: pressing disconnect with nothing connected sends no job; with a connection one, however often', async () => {
  const accountId = await accountOf(on.person)
  for (let press = 0; press < 20; press++) await disconnect(on.person)
  expect(await jobsOf(accountId)).toEqual([])
  await connect(on.person)
  for (let press = 0; press < 20; press++) await disconnect(on.person)
  expect((await jobsOf(accountId)).map(({ name }) => name)).toEqual(['settle-secret'])
  await on.system.until(isGone(accountId))
})

it('T7: jobs of one account that hang, thirty of them and first, hold up nobody else’s', async () => {
  const slow = await connected(on.person, 'D00001')
  const others: { person: Person; accountId: string }[] = []
  for (const officeId of ['D20002', 'D20003', 'D20004']) {
    const person = await on.system.newPerson()
    others.push({ person, ...(await connected(person, officeId)) })
  }
  on.system.lines.sikka.set({ kind: 'hang', when: slow.requestKey })
  await disconnect(on.person)
  await on.system.lines.sikka.struck()
  const boss = new PgBoss({
    connectionString: on.system.databaseUrl,
    migrate: false,
    supervise: false,
    schedule: false,
  })
  await boss.start()
  const { accountId } = slow
  await boss.insert(
    'settle-secret',
    Array.from({ length: 30 }, () => ({ data: { accountId }, group: { id: accountId } })),
  )
  await boss.stop({ graceful: false })

  const startedAt = performance.now()
  for (const { person } of others) await disconnect(person)
  await Promise.all(others.map((other) => on.system.until(isGone(other.accountId))))
  expect(performance.now() - startedAt, 'before a call to Sikka that hangs is given up').toBeLessThan(8_000)
  const [active] = await on.system.db.$queryRaw<{ most: number }[]>`
    SELECT count(*)::int AS most FROM pgboss.job
    WHERE name = 'settle-secret' AND state = 'active' AND group_id = ${accountId}`
  expect(active?.most, 'one of an account at a time').toBeLessThanOrEqual(1)
  on.system.lines.sikka.heal()
})
