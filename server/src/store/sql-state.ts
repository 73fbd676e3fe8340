import { Prisma } from '@pms/prisma/client'

/**
 * The driver adapter's error, as JSON. Prisma wraps it, except for errors of BEGIN and COMMIT and of statements sent to
 * the adapter itself (decision 14).
 */
export function adapterErrorOf(error: unknown): string {
  const isRaw = error instanceof Error && error.name === 'DriverAdapterError'
  if (isRaw) return JSON.stringify(error.cause ?? null)
  return error instanceof Prisma.PrismaClientKnownRequestError ? JSON.stringify(error.meta ?? null) : ''
}

/** PostgreSQL's five-character SQLSTATE, if it was kept. */
export function sqlStateOf(error: unknown): string | undefined {
  return /"(?:originalCode|code)":"([0-9A-Z]{5})"/.exec(adapterErrorOf(error))?.[1]
}
