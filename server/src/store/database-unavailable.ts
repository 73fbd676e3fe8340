import { Prisma } from '@pms/prisma/client'

/** Prisma's codes for a database that cannot be reached, or a pool without a free connection in time. */
const unavailableCodes = new Set([
  'P1000',
  'P1001',
  'P1002',
  'P1003',
  'P1008',
  'P1010',
  'P1011',
  'P1017',
  'P2024',
  'P2028',
  'P2037',
])

/** Whether a query failed because the database cannot be reached now, and not because of the query. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true
  return error instanceof Prisma.PrismaClientKnownRequestError && unavailableCodes.has(error.code)
}
