import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { describe, expect, it, vi } from 'vitest'
import { startIdentity } from './start.ts'
import { temporaryIdentity } from './testing/identity.ts'
import { clientId } from './testing/page.ts'

const verify = (jwksUrl: string, token: string) => jwtVerify(token, createRemoteJWKSet(new URL(jwksUrl)))

describe('a sandbox of sign-in', () => {
  it('keeps its key between runs, for its owner’s eyes alone, so that tokens stay good', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pms-identity-test-'))
    const first = await startIdentity({ folder, clientId })
    const token = await first.issueToken()
    await first.close()
    await using second = await startIdentity({ folder, clientId })
    await expect(verify(second.jwksUrl, token)).resolves.toBeDefined()
    const files = await readdir(folder)
    expect(files).toHaveLength(1)
    expect((await stat(join(folder, files[0] ?? ''))).mode & 0o777).toBe(0o600)
    await rm(folder, { recursive: true })
  })

  it('says with the system’s code that its port is taken', async () => {
    await using first = await temporaryIdentity()
    const port = Number(new URL(first.issuer).port)
    await expect(temporaryIdentity({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('prints nothing', async () => {
    const written = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')]
    const printed = (['log', 'info', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name))
    await using identity = await temporaryIdentity()
    await identity.signIn('alex')
    await fetch(`${identity.issuer}/oauth2/token`, { method: 'POST' })
    for (const spy of [...written, ...printed]) {
      expect(spy).not.toHaveBeenCalled()
      spy.mockRestore()
    }
  })

  it('closes with connections open, more than once', async () => {
    const identity = await temporaryIdentity()
    await fetch(identity.jwksUrl)
    await identity.close()
    await identity.close()
    await expect(fetch(identity.jwksUrl)).rejects.toThrow('fetch failed')
    await identity[Symbol.asyncDispose]()
  })
})

describe('a token for a test', () => {
  it('has the very shape of one from the code flow', async () => {
    await using identity = await temporaryIdentity()
    const { accessToken } = await identity.signIn('alex')
    const made = await identity.issueToken()
    await expect(verify(identity.jwksUrl, made)).resolves.toBeDefined()
    expect(decodeProtectedHeader(made)).toEqual(decodeProtectedHeader(accessToken))
    expect(Object.keys(decodeJwt(made))).toEqual(Object.keys(decodeJwt(accessToken)))
  })

  it('is wrong just as it was asked to be', async () => {
    await using identity = await temporaryIdentity()
    const { jwksUrl } = identity
    const another = await identity.issueToken({ client_id: 'another', sub: undefined })
    expect((await verify(jwksUrl, another)).payload).toMatchObject({ client_id: 'another' })
    expect(decodeJwt(another).sub).toBeUndefined()
    await expect(verify(jwksUrl, await identity.issueToken({ exp: 1 }))).rejects.toThrow(errors.JWTExpired)
    await expect(verify(jwksUrl, await identity.issueToken({}, {}, { key: 'other' }))).rejects.toThrow(
      errors.JWSSignatureVerificationFailed,
    )
    await expect(verify(jwksUrl, await identity.issueToken({}, { kid: 'unknown' }))).rejects.toThrow(
      errors.JWKSNoMatchingKey,
    )
    expect(await identity.issueToken({}, { alg: 'none' })).toMatch(/\.$/)
  })
})
