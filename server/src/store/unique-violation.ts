import { Prisma } from '@pms/prisma/client'

/** PostgreSQL refused a row that a unique index has already. */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false
  // P2002 from Prisma's own statements, P2010 with PostgreSQL's 23505 from raw ones.
  return error.code === 'P2002' || (error.code === 'P2010' && JSON.stringify(error.meta).includes('23505'))
}
