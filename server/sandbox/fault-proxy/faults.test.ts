import { Agent } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Fault } from './fault.ts'
import { httpBehindProxy } from './testing/http-behind-proxy.ts'
import { get } from './testing/http-target.ts'

/** Keeps one connection, for one request after the other. */
function oneConnection(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  return agent
}

/** Whether it has been answered yet. */
function watch(answer: Promise<string>): { answered: boolean } {
  const state = { answered: false }
  void answer.then(() => (state.answered = true))
  return state
}

describe('no fault', () => {
  test('what is asked is answered, and nothing has struck', async () => {
    await using http = await httpBehindProxy()
    expect(await http.get('/a')).toBe('answer to /a')
    expect(http.proxy.fault).toBeNull()
    expect(http.proxy.strikes).toBe(0)
  })

  test('10 MB go there and back unharmed', async () => {
    await using http = await httpBehindProxy()
    const body = Buffer.alloc(
      10 * 1024 * 1024,
      Uint8Array.from({ length: 65_521 }, (_, index) => index * 31),
    )
    const answer = await fetch(http.proxy.origin, { method: 'POST', body })
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true)
  })
})

describe('latency', () => {
  test('delays request and answer', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'latency', milliseconds: 40 })
    const asked = performance.now()
    expect(await http.get('/a')).toBe('answer to /a')
    expect(performance.now() - asked).toBeGreaterThanOrEqual(80)
    expect(http.proxy.strikes).toBe(1)
  })

  test('ends with heal, for what is on its way too', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'latency', milliseconds: 600_000 })
    const answer = http.get('/a')
    await http.proxy.struck()
    http.proxy.heal()
    expect(await answer).toBe('answer to /a')
  })
})

describe('hang', () => {
  test('the request does not arrive; after heal it does, and is answered', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'hang' })
    const answer = http.get('/held')
    await http.proxy.struck()
    await get(`${http.target.origin}/direct`)
    expect(http.served).toEqual(['GET /direct'])
    http.proxy.heal()
    expect(await answer).toBe('answer to /held')
  })

  test('takes an idle connection at its next request', async () => {
    await using http = await httpBehindProxy()
    const agent = oneConnection()
    await http.get('/before', agent)
    http.proxy.set({ kind: 'hang' })
    expect(http.proxy.strikes).toBe(0)
    const answer = http.get('/held', agent)
    await http.proxy.struck()
    await get(`${http.target.origin}/direct`)
    expect(http.served).toEqual(['GET /before', 'GET /direct'])
    http.proxy.heal()
    expect(await answer).toBe('answer to /held')
  })

  test('with `when`: that line alone', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'hang', when: 'GET /held' })
    const answer = http.get('/held')
    await http.proxy.struck()
    expect(await http.get('/other')).toBe('answer to /other')
    expect(http.served).toEqual(['GET /other'])
    http.proxy.heal()
    expect(await answer).toBe('answer to /held')
  })
})

describe('hang_answer', () => {
  test.each<[string, Fault]>([
    ['with `when`', { kind: 'hang_answer', when: 'GET /held' }],
    ['with `times`', { kind: 'hang_answer', times: 1 }],
  ])('%s: the request arrives, its answer after heal; other lines are free', async (_, fault) => {
    await using http = await httpBehindProxy()
    http.proxy.set(fault)
    const answer = http.get('/held')
    const state = watch(answer)
    await http.proxy.struck()
    expect(http.served).toEqual(['GET /held'])
    expect(await http.get('/other')).toBe('answer to /other')
    expect(state.answered).toBe(false)
    http.proxy.heal()
    expect(await answer).toBe('answer to /held')
  })
})

describe('reset', () => {
  test('the client is reset, the request does not arrive', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'reset' })
    await expect(http.get('/a')).rejects.toMatchObject({ code: 'ECONNRESET' })
    await get(`${http.target.origin}/direct`)
    expect(http.served).toEqual(['GET /direct'])
    http.proxy.heal()
    expect(await http.get('/b')).toBe('answer to /b')
  })

  test('takes an idle connection at its next request', async () => {
    await using http = await httpBehindProxy()
    const agent = oneConnection()
    await http.get('/before', agent)
    http.proxy.set({ kind: 'reset', when: '/a' })
    await expect(http.get('/a', agent)).rejects.toMatchObject({ code: 'ECONNRESET' })
    await http.proxy.struck()
    expect(http.served).toEqual(['GET /before'])
  })
})

describe('reset_answer', () => {
  test('the request is served, the client is reset', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'reset_answer', when: 'GET /a ' })
    await expect(http.get('/a')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(http.served).toEqual(['GET /a'])
    expect(await http.get('/b')).toBe('answer to /b')
    expect(http.proxy.strikes).toBe(1)
  })
})

describe('cut', () => {
  test('ends open lines and refuses new ones; heal opens the same port', async () => {
    await using http = await httpBehindProxy()
    const agent = oneConnection()
    await http.get('/before', agent)
    const [socket] = Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])
    const ended = new Promise((resolve) => void socket?.once('close', resolve))
    http.proxy.set({ kind: 'cut' })
    await http.proxy.struck()
    await ended
    await expect(http.get('/a')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    http.proxy.heal()
    expect(await http.get('/b')).toBe('answer to /b')
    expect(http.served).toEqual(['GET /before', 'GET /b'])
  })

  test('another fault opens the port too', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'cut' })
    http.proxy.set({ kind: 'reset' })
    await expect(http.get('/a')).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  test('holds when it comes right after a heal', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'cut' })
    http.proxy.heal()
    http.proxy.set({ kind: 'cut' })
    await expect(http.get('/a')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(http.get('/b')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('limit', () => {
  test('ends the connection within the answer', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'limit', bytes: 20, when: '/short' })
    await expect(http.get('/short')).rejects.toMatchObject({ code: 'ECONNRESET', message: 'socket hang up' })
    expect(http.served).toEqual(['GET /short'])
    expect(await http.get('/other')).toBe('answer to /other')
  })

  test('strikes nobody whose answer is shorter', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'limit', bytes: 10_000 })
    expect(await http.get('/a')).toBe('answer to /a')
    expect(http.proxy.strikes).toBe(0)
  })
})

describe('times', () => {
  test('so many connections are struck, the next ones pass', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'reset', times: 2 })
    await expect(http.get('/a')).rejects.toMatchObject({ code: 'ECONNRESET' })
    await expect(http.get('/b')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await http.get('/c')).toBe('answer to /c')
    expect(http.served).toEqual(['GET /c'])
    expect(http.proxy.strikes).toBe(2)
  })

  test('counts only those that are struck', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'reset_answer', when: '/a', times: 1 })
    expect(await http.get('/b')).toBe('answer to /b')
    await expect(http.get('/a')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await http.get('/a')).toBe('answer to /a')
  })
})

describe('set', () => {
  test('replaces the earlier fault, for lines that it holds too, and counts afresh', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'hang' })
    const answer = http.get('/a')
    await http.proxy.struck()
    http.proxy.set({ kind: 'reset_answer', when: 'GET /a' })
    expect(http.proxy.strikes).toBe(0)
    await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(http.served).toEqual(['GET /a'])
    expect(http.proxy.strikes).toBe(1)
  })

  test('to what is no fault changes nothing', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'reset' })
    expect(() => http.proxy.set({ kind: 'hang', when: '(' })).toThrow(/regular expression/)
    expect(http.proxy.fault).toEqual({ kind: 'reset' })
  })
})

describe('struck', () => {
  test('waits for a strike of the present fault, not of an earlier one', async () => {
    await using http = await httpBehindProxy()
    http.proxy.set({ kind: 'reset' })
    await expect(http.get('/a')).rejects.toMatchObject({ code: 'ECONNRESET' })
    await http.proxy.struck()
    http.proxy.set({ kind: 'reset', when: '/b' })
    let struck = false
    const strike = http.proxy.struck().then(() => (struck = true))
    expect(await http.get('/c')).toBe('answer to /c')
    expect(struck).toBe(false)
    await expect(http.get('/b')).rejects.toMatchObject({ code: 'ECONNRESET' })
    await strike
  })
})
