import { inject } from 'vitest'
import { createDatabase, type Database } from '../../sandbox/postgres/database.ts'

/** A migrated database of its own, for one test file. */
export async function freshDatabase(): Promise<Database> {
  return createDatabase(inject('databaseServerUrl'), undefined, inject('templateDatabase'))
}
