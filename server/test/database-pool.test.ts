import { openDatabase, type PrismaClient } from '@pms/prisma/client'
import { openPool } from '@pms/prisma/pool'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase } from './harness/fresh-database.ts'
import { until } from './harness/until.ts'

/** A pool of one connection: a transaction that never ends would block everybody else. */
describe('the pool', () => {
  let pool: pg.Pool
  let db: PrismaClient
  /** a connection outside the pool */
  let witness: pg.Client
  let drop: () => Promise<void>

  beforeAll(async () => {
    const database = await freshDatabase()
    drop = () => database.drop()
    pool = openPool(database.url, { connections: 1, applicationName: 'test' })
    db = openDatabase(pool)
    witness = new pg.Client(database.url)
    await witness.connect()
  })
  afterAll(async () => {
    await witness.end()
    await db.$disconnect()
    await drop()
  })

  const backend = async (): Promise<number> => {
    const { rows } = await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    return rows[0]?.pid ?? Number.NaN
  }

  it('has PostgreSQL end a statement after 5 seconds and an idle transaction after 10', async () => {
    const { rows } = await pool.query(`
      SELECT current_setting('statement_timeout') AS statement,
        current_setting('idle_in_transaction_session_timeout') AS idle`)
    expect(rows).toEqual([{ statement: '5s', idle: '10s' }])
  })

  it('opens another connection after PostgreSQL has ended an idle transaction', async () => {
    const before = await backend()
    const left = db.$transaction(async (tx) => {
      await tx.$executeRaw`SET LOCAL idle_in_transaction_session_timeout = '10ms'`
      await until(async () => {
        const { rows } = await witness.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [before])
        return rows.length === 0
      })
      await tx.$queryRaw`SELECT 1`
    })
    await expect(left).rejects.toThrow(/connection/i)
    expect(await backend()).not.toBe(before)
  })

  it('F67: drops a connection to a read-only server, also inside a transaction', async () => {
    const before = await backend()
    const refused = db.$transaction(async (tx) => {
      await tx.$executeRaw`SET TRANSACTION READ ONLY`
      await tx.$executeRaw`DELETE FROM pms_limits`
    })
    await expect(refused).rejects.toMatchObject({ meta: { driverAdapterError: { cause: { originalCode: '25006' } } } })
    expect(await backend()).not.toBe(before)
  })

  it('puts no value of a row into an error', async () => {
    const account = { issuer: 'https://auth.example.com', subject: 'nobody-is-to-read-this' }
    await db.account.create({ data: account })
    const again = db.$executeRaw`
      INSERT INTO accounts (id, issuer, subject) VALUES (gen_random_uuid(), ${account.issuer}, ${account.subject})`
    const error: unknown = await again.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ meta: { driverAdapterError: { cause: { originalCode: '23505' } } } })
    const lines: string[] = []
    pino({}, { write: (line: string) => void lines.push(line) }).error({ err: error }, 'failed')
    expect(lines.join('')).toContain('failed')
    expect(lines.join('')).not.toContain(account.subject)
  })
})
