import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { tokenVerifier } from './verify-token.ts'

it('AT8: takes RS256 alone, also where the key does not say what it is for', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  const server = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] }))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = 'https://auth.example.com'
  const verify = tokenVerifier({ issuer, clientId: 'client_demo', jwksUrl })
  const key = await exportJWK(privateKey)
  const outcome = async (alg: string): Promise<string> => {
    const token = await new SignJWT({ token_use: 'access', client_id: 'client_demo', sub: 'person' })
      .setProtectedHeader({ alg })
      .setIssuer(issuer)
      .setExpirationTime('5 minutes')
      .sign({ ...key, alg })
    return verify(`Bearer ${token}`).then(
      ({ subject }) => subject,
      (error: unknown) => (error as { kind: string }).kind,
    )
  }
  expect(await outcome('RS256')).toBe('person')
  expect(await outcome('RS512')).toBe('refused')
  expect(await outcome('PS256')).toBe('refused')
  server.close()
})
