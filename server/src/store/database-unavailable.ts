import { Prisma } from '@pms/prisma/client'
import { isFromConnection } from '@pms/prisma/pool'
import { NoQueryInTime } from './ask-together.ts'
import { JobsNotStarted } from './job-queue.ts'
import { adapterErrorOf, sqlStateOf } from './sql-state.ts'

/** Prisma's codes: no connection, none free in time, closed, write conflict or deadlock. */
const prismaCodes = new Set('P1000 P1001 P1002 P1003 P1008 P1010 P1011 P1017 P2024 P2028 P2034 P2037 P2039'.split(' '))

/**
 * PostgreSQL's: connection (08), authorization (28), no such database (3D), serialization and deadlock (40), resources
 * (53), operator intervention such as a statement timeout or a shutdown (57), a primary turned read-only (25006).
 */
const passingStates = /^(08|28|3D|40|53|57|25006)/

/** The driver adapter's names for the same; for raw SQL, Prisma's code says only that it failed (P2010). */
const adapterKinds =
  /"kind":"(ConnectionClosed|DatabaseDoesNotExist|DatabaseNotReachable|SocketTimeout|TooManyConnections)"/

/** Socket errors that the adapter passes on unchanged; only for connections to PostgreSQL. */
const socketCodes = /^(EPIPE|EAI_AGAIN|ENOTFOUND|ETIMEDOUT|ECONN|EHOST|ENET)/

/** Messages of the driver and its pool that have no code. */
const driverMessages =
  /^(timeout exceeded when trying to connect|Connection terminated|Client (was closed|has encountered a connection error) and is not queryable|Query read timeout)/

/** Whether a query failed because the database is unavailable, not because of the query. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true
  if (error instanceof JobsNotStarted || error instanceof NoQueryInTime) return true
  if (error instanceof Prisma.PrismaClientKnownRequestError && prismaCodes.has(error.code)) return true
  if (adapterKinds.test(adapterErrorOf(error)) || passingStates.test(sqlStateOf(error) ?? '')) return true
  if (!(error instanceof Error)) return false
  return (
    driverMessages.test(error.message) ||
    (isFromConnection(error) && 'code' in error && socketCodes.test(String(error.code)))
  )
}
