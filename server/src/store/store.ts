import type { Prisma, PrismaClient } from '@pms/prisma/client'
import type { JobSender } from './job-queue.ts'

/** What the store's steps work with: PostgreSQL, and jobs sent in its transactions. */
export interface Store {
  db: PrismaClient
  jobs: JobSender
}

/** Prisma's client, or one of its transactions. */
export type Db = PrismaClient | Prisma.TransactionClient

/** For a step that sends no job and needs no transaction of its own. */
export interface Statements {
  db: Db
}

/** A module's steps, with the store bound. */
export type Bound<Steps> = {
  [Name in keyof Steps]: Steps[Name] extends (store: Store, ...rest: infer Rest) => infer Result
    ? (...rest: Rest) => Result
    : never
}

export function bind<Steps extends Record<string, (store: Store, ...rest: never[]) => unknown>>(
  steps: Steps,
  store: Store,
): Bound<Steps> {
  const bound = Object.entries(steps).map(([name, step]) => [name, (...rest: never[]) => step(store, ...rest)])
  return Object.fromEntries(bound) as Bound<Steps>
}
