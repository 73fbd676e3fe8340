import { openPool } from '@pms/prisma/pool'
import { expect, it } from 'vitest'
import { NoQueryInTime } from './ask-together.ts'
import { isDatabaseUnavailable } from './database-unavailable.ts'
import { JobsNotStarted } from './job-queue.ts'

/** Nothing listens there. */
const closedPort = 9

/** As Node says it of any socket: of a client that has broken its upload off, or of Sikka. */
const socketError = (code: string) => Object.assign(new Error('demo'), { code })

it.each(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH'])(
  'S2: %s of another socket than the database’s says nothing of the database',
  (code) => {
    expect(isDatabaseUnavailable(socketError(code))).toBe(false)
  },
)

it.each([
  ['a query', (pool: ReturnType<typeof openPool>) => pool.query('SELECT 1')],
  ['a connection', (pool: ReturnType<typeof openPool>) => pool.connect()],
])('S2: a connection to PostgreSQL that is refused is the database’s: %s', async (_, ask) => {
  const pool = openPool(`postgresql://127.0.0.1:${closedPort}/none`, {
    connections: 1,
    applicationName: 'pms-test',
  })
  const error: unknown = await ask(pool).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  expect(isDatabaseUnavailable(error)).toBe(true)
  await pool.end()
})

it.each([new JobsNotStarted(), new NoQueryInTime()])('%s is the database’s trouble', (error) => {
  expect(isDatabaseUnavailable(error)).toBe(true)
})
