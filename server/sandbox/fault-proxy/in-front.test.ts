import { expect, test } from 'vitest'
import { startFaultProxies } from './in-front.ts'
import { get, httpTarget } from './testing/http-target.ts'
import { tcpTarget } from './testing/tcp-target.ts'

test('each part is reached through a proxy of its own, and broken by its own name', async () => {
  await using sikka = await httpTarget()
  await using secretsManager = await httpTarget()
  await using database = await httpTarget()
  const url = new URL(`postgresql://127.0.0.1:${database.port}/pms?schema=public`)
  Object.assign(url, { username: 'pms', password: 'demo' })
  const databaseUrl = url.href
  const proxies = await startFaultProxies({ databaseUrl, sikka, secretsManager })
  const moved = new URL(proxies.databaseUrl ?? '')
  const reached = {
    database: `http://${moved.host}`,
    sikka: proxies.sikka.origin,
    secretsManager: proxies.secretsManager.origin,
  }
  for (const [part, origin] of Object.entries(reached)) {
    const faults = `${proxies.control}/sandbox/faults/${part}`
    expect(await get(`${origin}/${part}`)).toBe(`answer to /${part}`)
    await fetch(faults, { method: 'PUT', body: '{"kind":"reset"}' })
    await expect(get(origin)).rejects.toMatchObject({ code: 'ECONNRESET' })
    await fetch(faults, { method: 'DELETE' })
    expect(await get(origin)).toBe('answer to /')
  }
  expect(sikka.served).toContain('GET /sikka')
  expect(secretsManager.served).toContain('GET /secretsManager')
  expect(database.served).toContain('GET /database')
  moved.port = String(database.port)
  expect(moved.href).toBe(databaseUrl)

  await proxies.close()
  for (const origin of [...Object.values(reached), proxies.control]) {
    await expect(get(origin)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  }
})

test('a database without a stand-in has no proxy', async () => {
  await using target = await tcpTarget()
  const origin = `http://127.0.0.1:${target.port}`
  const proxies = await startFaultProxies({ databaseUrl: undefined, sikka: { origin }, secretsManager: { origin } })
  expect(proxies.databaseUrl).toBeUndefined()
  expect((await fetch(`${proxies.control}/sandbox/faults/database`, { method: 'DELETE' })).status).toBe(404)
  await proxies.close()
})
