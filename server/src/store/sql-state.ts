import { Prisma } from '@pms/prisma/client'

/** PostgreSQL's five-character code of what went wrong, where Prisma kept it. */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined
  return /"(?:originalCode|code)":"([0-9A-Z]{5})"/.exec(JSON.stringify(error.meta))?.[1]
}
