import { Prisma } from '@pms/prisma/client'

/**
 * What the driver adapter says of an error, as JSON. Prisma wraps it, but for errors of BEGIN and COMMIT, which come as
 * the adapter threw them; so do those of statements that go to the adapter itself (decision 14).
 */
export function adapterErrorOf(error: unknown): string {
  const isRaw = error instanceof Error && error.name === 'DriverAdapterError'
  if (isRaw) return JSON.stringify(error.cause ?? null)
  return error instanceof Prisma.PrismaClientKnownRequestError ? JSON.stringify(error.meta ?? null) : ''
}

/** PostgreSQL's five-character code of what went wrong, where it was kept. */
export function sqlStateOf(error: unknown): string | undefined {
  return /"(?:originalCode|code)":"([0-9A-Z]{5})"/.exec(adapterErrorOf(error))?.[1]
}
