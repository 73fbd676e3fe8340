import { fileURLToPath } from 'node:url'
import { migrate } from '@pms/prisma/migrate'
import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../sandbox/postgres/start.ts'
import { createDatabase } from '../../sandbox/postgres/database.ts'

/** Where the server remembers its place; its data goes when it ends. */
const folder = fileURLToPath(new URL('../../../.sandbox', import.meta.url))

/** One real PostgreSQL server for the run: `DATABASE_URL`'s where it is set, else an embedded one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['DATABASE_URL']
  const postgres = given ? undefined : await startPostgres({ folder, keep: false })
  const serverUrl = postgres?.url ?? given ?? ''
  const template = await createDatabase(serverUrl)
  await migrate(template.url)
  project.provide('databaseServerUrl', serverUrl)
  project.provide('templateDatabase', new URL(template.url).pathname.slice(1))
  return async () => {
    await template.drop()
    await postgres?.close()
  }
}
