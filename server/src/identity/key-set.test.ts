import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, jwtVerify, SignJWT, type CryptoKey } from 'jose'
import { expect, it } from 'vitest'
import { remoteKeySet } from './key-set.ts'

type Answer = (response: ServerResponse) => void

/** A key set over HTTP whose keys and health can be changed, a clock, and tokens of its keys. */
async function startIssuer() {
  const keys = new Map<string, { privateKey: CryptoKey; jwk: object }>()
  const state = { reads: 0, isBroken: false, time: 0, published: ['one'], answer: undefined as Answer | undefined }
  const server = createServer((request, response) => {
    state.reads += 1
    if (state.answer && request.url === '/') {
      state.answer(response)
      return
    }
    response.statusCode = state.isBroken ? 500 : 200
    response.end(JSON.stringify({ keys: state.published.map((kid) => keys.get(kid)?.jwk) }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  for (const kid of ['one', 'two']) {
    const { publicKey, privateKey } = await generateKeyPair('RS256')
    keys.set(kid, { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256' } })
  }
  const keySet = remoteKeySet(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => state.time)
  const key = keys.get('one')?.privateKey
  if (!key) throw new Error('no key')
  const verify = async (kid: string): Promise<string> => {
    const token = await new SignJWT({}).setProtectedHeader({ alg: 'RS256', kid }).sign(keys.get(kid)?.privateKey ?? key)
    return jwtVerify(token, keySet).then(
      () => 'verified',
      (error: unknown) => (error as { code?: string }).code ?? 'unavailable',
    )
  }
  const failure = async (): Promise<unknown> => {
    const token = await new SignJWT({}).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key)
    return jwtVerify(token, keySet).catch((error: unknown) => error)
  }
  return {
    state,
    verify,
    failure,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const unknown = 'ERR_JWKS_NO_MATCHING_KEY'

it('F104: of 50 unknown keys at once reads the set once, and again after ten seconds, while known keys verify', async () => {
  await using issuer = await startIssuer()
  expect(await issuer.verify('one')).toBe('verified')
  issuer.state.time += 10_000
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => issuer.verify('stranger')))
  expect(new Set(outcomes)).toEqual(new Set([unknown]))
  expect(issuer.state.reads).toBe(2)
  issuer.state.time += 9_999
  expect(await issuer.verify('stranger')).toBe(unknown)
  expect(issuer.state.reads).toBe(2)
  issuer.state.time += 1
  expect([await issuer.verify('stranger'), await issuer.verify('one')]).toEqual([unknown, 'verified'])
  expect(issuer.state.reads).toBe(3)
})

it('finds a key that is new', async () => {
  await using issuer = await startIssuer()
  expect(await issuer.verify('one')).toBe('verified')
  issuer.state.published = ['one', 'two']
  issuer.state.time += 10_000
  expect(await issuer.verify('two')).toBe('verified')
})

it('F105: while the set cannot be read knows its keys for a day, and tries once in ten seconds', async () => {
  await using issuer = await startIssuer()
  expect(await issuer.verify('one')).toBe('verified')
  issuer.state.isBroken = true
  issuer.state.time += 3_600_000
  expect(await issuer.verify('one')).toBe('verified')
  issuer.state.time += 86_400_000
  expect(await issuer.verify('one')).toBe('unavailable')
  const { reads } = issuer.state
  expect(await Promise.all(Array.from({ length: 50 }, () => issuer.verify('one')))).toEqual(
    Array(50).fill('unavailable'),
  )
  expect(issuer.state.reads).toBe(reads)
})

it('F105: without a set at the start lets nobody in, and somebody as soon as there is one', async () => {
  await using issuer = await startIssuer()
  issuer.state.isBroken = true
  expect(await issuer.verify('one')).toBe('unavailable')
  issuer.state.isBroken = false
  expect(await issuer.verify('one')).toBe('unavailable')
  issuer.state.time += 10_000
  expect(await issuer.verify('one')).toBe('verified')
})

it('takes a key out when the issuer does, at the next renewal', async () => {
  await using issuer = await startIssuer()
  issuer.state.published = ['one', 'two']
  expect(await issuer.verify('one')).toBe('verified')
  issuer.state.published = ['two']
  issuer.state.time += 600_001
  await issuer.verify('one')
  await expect.poll(() => issuer.verify('one')).toBe(unknown)
})

it('is read anew every ten minutes, beside the work, and not sooner', async () => {
  await using issuer = await startIssuer()
  expect(await issuer.verify('one')).toBe('verified')
  for (const time of [10_001, 599_999, 600_000]) {
    issuer.state.time = time
    expect(await issuer.verify('one')).toBe('verified')
  }
  expect(issuer.state.reads).toBe(1)
  issuer.state.time = 600_001
  expect(await issuer.verify('one')).toBe('verified')
  await expect.poll(() => issuer.state.reads).toBe(2)
})

it('F105: a set is trusted for a day to the millisecond', async () => {
  await using issuer = await startIssuer()
  expect(await issuer.verify('one')).toBe('verified')
  issuer.state.isBroken = true
  issuer.state.time = 86_400_000
  expect(await issuer.verify('one')).toBe('verified')
  issuer.state.time = 86_410_001
  expect(await issuer.verify('one')).toBe('unavailable')
})

it('two keys that both may be meant are the token’s fault, and no reason to read the set anew', async () => {
  await using issuer = await startIssuer()
  issuer.state.published = ['one', 'one']
  expect(await issuer.verify('one')).toBe('ERR_JWKS_MULTIPLE_MATCHING_KEYS')
  issuer.state.time += 10_000
  expect(await issuer.verify('one')).toBe('ERR_JWKS_MULTIPLE_MATCHING_KEYS')
  expect(issuer.state.reads).toBe(1)
})

it.each<[string, Answer, RegExp]>([
  ['an error', (response) => response.writeHead(503).end(), /^The key set was answered with HTTP 503$/],
  ['a redirect, also to keys that are good', (response) => response.writeHead(302, { location: '/good' }).end(), /./],
  ['no JSON', (response) => response.end('<html>'), /JSON/],
  ['no keys', (response) => response.end('{"keys":[]}'), /keys/],
  ['a key of no type', (response) => response.end('{"keys":[{"kid":"one"}]}'), /kty/],
])('AT6: %s is no key set, and the failure tells the cause', async (_, answer, cause) => {
  await using issuer = await startIssuer()
  issuer.state.answer = answer
  expect(await issuer.failure()).toMatchObject({
    message: 'The key set of the issuer cannot be read',
    cause: { message: expect.stringMatching(cause) },
  })
  expect(issuer.state.reads).toBe(1)
})

it('F105: a set that is not answered is waited for three seconds', async () => {
  await using issuer = await startIssuer()
  issuer.state.answer = () => undefined
  expect(await issuer.failure()).toMatchObject({ cause: { name: 'TimeoutError' } })
})
