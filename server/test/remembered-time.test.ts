import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { allIsHeard, isFromMemory, lookUp, told } from './harness/asking.ts'
import { databaseTime } from './harness/server-process.ts'
import { stage } from './harness/stage.ts'
import { until } from './harness/until.ts'
import { connect } from './harness/visit.ts'

const on = stage()

const ask = (attemptId?: string) => told(on.system, on.person, attemptId)
const remember = (attemptId?: string) => until(() => isFromMemory(on.system.lines.database, () => ask(attemptId)))
/** What one who asks is told. */
const word = async (attemptId: string) => {
  const { choices, errorCode, status } = await on.person.client.pms.connectionStatus.query({ attemptId })
  return choices ? 'choose' : (errorCode ?? status)
}
const account = () => on.person.client.account.current.query()

/** Seconds in which an attempt is over, when nobody writes that down. */
const left = 2

/** Writes an attempt that is over soon, and that no job and no server has in hand. @returns when it is over */
async function attemptOverSoon(id: string, status: string): Promise<number> {
  const { accountId } = await account()
  const [row] = await on.system.db.$queryRaw<{ over: Date }[]>`
    INSERT INTO pms_connection_attempts (id, "accountId", provider, status, "nonceHash", "browserHash", "expiresAt",
      "claimedAt", deadline, "leaseUntil", choices)
    SELECT ${id}::uuid, ${accountId}::uuid, 'SIKKA', ${status}::"AttemptStatus", sha256(${id}::bytea), '', over,
      now(), CASE ${status} WHEN 'EXCHANGING' THEN over - interval '10 seconds' ELSE over END, now() + interval '1 hour',
      '{"offered":[]}'
    FROM (SELECT date_trunc('milliseconds', now()) + make_interval(secs => ${left}) AS over) AS times
    RETURNING "expiresAt" AS over`
  return row?.over.getTime() ?? Number.NaN
}

describe('I7: an attempt that is over by time alone', () => {
  it.each([
    ['CREATED', 'pending', 'EXPIRED'],
    ['CHOOSING', 'choose', 'EXPIRED'],
    ['EXCHANGING', 'connecting', 'INTERRUPTED'],
  ])('is told from memory until then, and as failed from then on: %s', async (status, before, after) => {
    const attemptId = randomUUID()
    const over = await attemptOverSoon(attemptId, status)
    await allIsHeard(on.system)
    await remember(attemptId)
    const line = on.system.lines.database
    line.set({ kind: 'hang_answer', when: lookUp })
    const isAsked = line.struck().then(() => 'the database is asked')
    let answer: Promise<string>
    for (;;) {
      answer = word(attemptId)
      const first = await Promise.race([answer, isAsked])
      if (first === 'the database is asked') break
      expect(first).toBe(before)
      expect(await databaseTime(on.system)).toBeLessThan(over + 2_000)
    }
    expect(await databaseTime(on.system)).toBeGreaterThanOrEqual(over)
    line.heal()
    expect(await answer).toBe(after)
    expect([await ask(attemptId), await ask()]).toEqual([after, 'pending'])
  })
})

describe('an account that is deleted', () => {
  it.each([
    ['by itself', () => on.system.db.account.deleteMany()],
    ['with all others', () => on.system.db.$executeRaw`TRUNCATE accounts CASCADE`],
    ['in that it is given to somebody else', () => on.system.db.$executeRaw`UPDATE accounts SET subject = id::text`],
  ])('%s is a new one at the next call with the same token, also when it was remembered', async (_, change) => {
    const { attemptId } = await connect(on.person)
    const { accountId } = await account()
    await allIsHeard(on.system)
    await remember(attemptId)
    await change()
    await expect.poll(async () => (await account()).accountId).not.toBe(accountId)
    const anew = (await account()).accountId
    expect([await ask(), await ask(attemptId)]).toEqual(['pending', 'NOT_FOUND'])
    expect((await account()).accountId).toBe(anew)
    expect(await on.system.db.account.count({ where: { id: anew } })).toBe(1)
  })
})
