import { Prisma } from '@pms/prisma/client'
import { sqlStateOf } from './sql-state.ts'

/** Whether PostgreSQL refused a duplicate in a unique index: P2002 of Prisma's own statements, 23505 of raw ones. */
export function isUniqueViolation(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') return true
  return sqlStateOf(error) === '23505'
}
