import { expect, test } from 'vitest'
import { ask } from './postgres/testing/ask.ts'
import { temporaryFolder } from './postgres/testing/temporary-folder.ts'
import { runSandbox } from './run-sandbox.ts'

test('the server is told of proxies, each with its faults; the browser’s pages and the migration stay direct', async () => {
  await using folder = await temporaryFolder()
  await using cleanup = new AsyncDisposableStack()
  const sandbox = await runSandbox({ folder: folder.path })
  cleanup.defer(sandbox.close)
  const { databaseUrl, sikka, secretsManager, identity } = sandbox.forServer
  const parts = {
    database: () => ask(databaseUrl, 'SELECT 1'),
    sikka: () => fetch(`${sikka.origin}/sandbox/scenario`),
    secretsManager: () => fetch(`${secretsManager.origin}/sandbox/calls`),
  }
  for (const [part, reach] of Object.entries(parts)) {
    const fault = `${sandbox.faultControl}/sandbox/faults/${part}`
    await expect(reach()).resolves.toBeDefined()
    await fetch(fault, { method: 'PUT', body: '{"kind":"reset"}' })
    await expect(reach()).rejects.toThrow(/ECONNRESET|fetch failed/)
    expect(await ask(sandbox.databaseUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect((await fetch(sandbox.sikka.authorizationPage)).status).toBe(400)
    await fetch(fault, { method: 'DELETE' })
    await expect(reach()).resolves.toBeDefined()
  }
  expect(sikka.authorizationPage).toBe(sandbox.sikka.authorizationPage)
  expect(identity.issuer).toBe(sandbox.identity.issuer)
})

test('a database of yours is reached directly', async () => {
  await using folder = await temporaryFolder()
  await using cleanup = new AsyncDisposableStack()
  const databaseUrl = 'postgresql://db.example.com/pms?sslmode=verify-full'
  const sandbox = await runSandbox({ folder: folder.path, databaseUrl })
  cleanup.defer(sandbox.close)
  expect(sandbox.databaseUrl).toBe(databaseUrl)
  expect(sandbox.forServer.databaseUrl).toBe(databaseUrl)
})
