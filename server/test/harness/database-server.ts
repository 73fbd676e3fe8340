import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '@pms/prisma/migrate'
import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../sandbox/postgres/start.ts'
import { createDatabase } from '../../sandbox/postgres/database.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** the database of the server that the tests share to connect to for making others */
    databaseServerUrl: string
    /** migrated once; each test file gets a copy of it, which PostgreSQL makes in some 30 ms */
    templateDatabase: string
  }
}

/** One real PostgreSQL server for the run: `DATABASE_URL`'s where it is set, else an embedded one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['DATABASE_URL']
  const folder = await mkdtemp(join(tmpdir(), 'pms-test-'))
  const postgres = given ? undefined : await startPostgres({ folder, keep: false })
  const serverUrl = postgres?.url ?? given ?? ''
  const template = await createDatabase(serverUrl)
  await migrate(template.url)
  project.provide('databaseServerUrl', serverUrl)
  project.provide('templateDatabase', new URL(template.url).pathname.slice(1))
  return async () => {
    await template.drop()
    await postgres?.close()
    await rm(folder, { recursive: true, force: true })
  }
}
