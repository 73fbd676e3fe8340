import { expect, test, vi } from 'vitest'
import { createAuthorizedFetch } from './authorized-fetch.ts'
import type { Tokens } from './tokens.ts'

/** A server that accepts the tokens named, and what it was asked with. */
function serverAccepting(...accepted: string[]) {
  const asked: (string | null)[] = []
  const send = vi.fn<typeof fetch>(async (_input, init) => {
    const token = new Headers(init?.headers).get('authorization')
    asked.push(token)
    return new Response(null, { status: accepted.some((name) => token === `Bearer ${name}`) ? 200 : 401 })
  })
  return { asked, send }
}

function tokens(current: string | undefined, other: string | undefined) {
  return {
    current: vi.fn<Tokens['current']>(async () => current),
    replace: vi.fn<Tokens['replace']>(async () => other),
    end: vi.fn<Tokens['end']>(async () => undefined),
  }
}

test('sends the token, the caller’s own headers and cookies', async () => {
  const { send } = serverAccepting('good')
  await createAuthorizedFetch(tokens('good', undefined), send)('/trpc', { method: 'POST', headers: { 'x-a': '1' } })
  const init = send.mock.calls[0]?.[1]
  expect(init).toMatchObject({ method: 'POST', credentials: 'include' })
  expect([...new Headers(init?.headers)]).toEqual([
    ['authorization', 'Bearer good'],
    ['x-a', '1'],
  ])
})

test('a refused token is replaced once and the request repeated', async () => {
  const { asked, send } = serverAccepting('new')
  const held = tokens('old', 'new')
  const response = await createAuthorizedFetch(held, send)('/trpc')
  expect(response.status).toBe(200)
  expect(asked).toEqual(['Bearer old', 'Bearer new'])
  expect(held.replace).toHaveBeenCalledExactlyOnceWith('old')
  expect(held.end).not.toHaveBeenCalled()
})

test('no other token: the session ends', async () => {
  const { asked, send } = serverAccepting()
  const held = tokens('old', undefined)
  expect((await createAuthorizedFetch(held, send)('/trpc')).status).toBe(401)
  expect(asked).toHaveLength(1)
  expect(held.end).toHaveBeenCalledOnce()
})

test('the other token is refused too: the session ends, with no third request', async () => {
  const { asked, send } = serverAccepting()
  const held = tokens('old', 'new')
  expect((await createAuthorizedFetch(held, send)('/trpc')).status).toBe(401)
  expect(asked).toHaveLength(2)
  expect(held.end).toHaveBeenCalledOnce()
})

test('a provider out of reach ends nothing', async () => {
  const { send } = serverAccepting()
  const held = tokens('old', undefined)
  held.replace.mockRejectedValue(new TypeError('Failed to fetch'))
  await expect(createAuthorizedFetch(held, send)('/trpc')).rejects.toThrow('Failed to fetch')
  expect(held.end).not.toHaveBeenCalled()
})

test('other errors are handed on', async () => {
  const held = tokens('good', 'new')
  const send = async () => new Response(null, { status: 429 })
  expect((await createAuthorizedFetch(held, send)('/trpc')).status).toBe(429)
  expect(held.replace).not.toHaveBeenCalled()
})
