import { once } from 'node:events'
import { createServer, connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { reserveFreePort } from './free-port.ts'

describe('a free port', () => {
  it('can be listened on, and nobody who asks for any port gets it', async () => {
    const port = await reserveFreePort()
    expect(port).toBeGreaterThanOrEqual(20_000)
    expect(port).toBeLessThan(26_000)
    await using server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
  })

  it('is given once, however many ask at a time', async () => {
    const ports = await Promise.all(Array.from({ length: 200 }, reserveFreePort))
    expect(new Set(ports).size).toBe(200)
  })

  it('is one that nobody listens on', async () => {
    const port = await reserveFreePort()
    const socket = connect(port, '127.0.0.1')
    await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
