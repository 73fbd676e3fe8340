import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase } from './database.ts'
import { type Postgres, startPostgres } from './start.ts'
import { ask, connectGuest } from './testing/ask.ts'
import { temporaryFolder, type TemporaryFolder } from './testing/temporary-folder.ts'

describe('a database from a template', () => {
  let folder: TemporaryFolder
  let postgres: Postgres
  beforeAll(async () => {
    folder = await temporaryFolder()
    postgres = await startPostgres({ folder: folder.path, keep: false })
    const template = await createDatabase(postgres.url, 'template_of_tests')
    await ask(template.url, 'CREATE TABLE note AS SELECT 42 AS answer')
  })
  afterAll(async () => {
    await postgres.close()
    await folder[Symbol.asyncDispose]()
  })

  it('is a copy of its own, many at once', async () => {
    const copies = await Promise.all(
      Array.from({ length: 8 }, () => createDatabase(postgres.url, undefined, 'template_of_tests')),
    )
    await Promise.all(
      copies.map(async (copy) => {
        await ask(copy.url, 'UPDATE note SET answer = answer + 1')
        expect(await ask(copy.url, 'SELECT answer FROM note')).toEqual([{ answer: 43 }])
        await copy.drop()
      }),
    )
  })

  it('has the name that it is given, and takes nobody else’s', async () => {
    await using database = await createDatabase(postgres.url, 'name "with" marks')
    expect(await ask(database.url, 'SELECT current_database() AS name')).toEqual([{ name: 'name "with" marks' }])
    await expect(createDatabase(postgres.url, 'name "with" marks')).rejects.toMatchObject({ code: '42P04' })
  })

  it('is dropped with the sessions in it, and more than once', async () => {
    const database = await createDatabase(postgres.url)
    await using guest = await connectGuest(database.url)
    await database.drop()
    await database.drop()
    expect(await guest.sentAway).toMatchObject({ code: '57P01' })
    await expect(ask(database.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' })
  })
})
