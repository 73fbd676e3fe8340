import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, jwtVerify, SignJWT, type CryptoKey } from 'jose'
import { expect, it } from 'vitest'
import { remoteKeySet } from './key-set.ts'

/** A key set over HTTP whose keys and health can be changed, a clock, and tokens of its keys. */
async function startIssuer() {
  const keys = new Map<string, { privateKey: CryptoKey; jwk: object }>()
  const state = { reads: 0, isBroken: false, time: 0, published: ['one'] }
  const server = createServer((_, response) => {
    state.reads += 1
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
  return { state, verify, [Symbol.asyncDispose]: async () => void server.close() }
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
