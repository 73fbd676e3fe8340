import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { signInOrigins } from './sign-in-origins.ts'

const token = 'https://pool.auth.example.com'

/** A sign-in provider that answers as it is told to. */
async function startProvider(answer: (path: string) => { status: number; body: string }) {
  const provider = createServer(({ url = '' }, response) => {
    const { status, body } = answer(url)
    response.writeHead(status).end(body)
  }).listen(0, '127.0.0.1')
  await once(provider, 'listening')
  const authority = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`
  return { authority, [Symbol.asyncDispose]: async () => void provider.close() }
}

const discovery = { status: 200, body: JSON.stringify({ token_endpoint: `${token}/oauth2/token` }) }

it.each([
  ['is down', { status: 503, body: '' }],
  ['answers something else', { status: 200, body: '<html>' }],
  ['names no token endpoint', { status: 200, body: '{}' }],
])('S25: a provider that %s when the first page is asked for is asked again after 10 seconds', async (_, trouble) => {
  let answer = trouble
  let asked = 0
  await using provider = await startProvider(() => {
    asked += 1
    return answer
  })
  const time = { now: 1_000 }
  const origins = signInOrigins(provider.authority, { now: () => time.now })
  expect(await origins()).toEqual([provider.authority])
  answer = discovery
  time.now += 9_999
  expect(await origins()).toEqual([provider.authority])
  expect(asked).toBe(1)
  time.now += 1
  expect(await origins()).toEqual([provider.authority, token])
  // What was learned once is kept while it is down again.
  answer = trouble
  time.now += 3_600_000
  await origins()
  await expect.poll(() => asked).toBe(3)
  expect(await origins()).toEqual([provider.authority, token])
})

it.each(['/pool', '/pool/'])('a provider with a path is found, with or without a trailing slash: %s', async (path) => {
  await using provider = await startProvider((asked) =>
    asked === '/pool/.well-known/openid-configuration' ? discovery : { status: 404, body: '' },
  )
  expect(await signInOrigins(provider.authority + path)()).toEqual([provider.authority, token])
})
