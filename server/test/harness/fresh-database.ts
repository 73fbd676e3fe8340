import { inject } from 'vitest'
import { createDatabase, type Database } from '../../sandbox/postgres/database.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** the database of the server that the tests share to connect to for making others */
    databaseServerUrl: string
    /** migrated once; each test file gets a copy of it, which PostgreSQL makes in some 30 ms */
    templateDatabase: string
  }
}

/** A migrated database of its own, for one test file. */
export async function freshDatabase(): Promise<Database> {
  return createDatabase(inject('databaseServerUrl'), undefined, inject('templateDatabase'))
}
