import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { tokenVerifier } from './verify-token.ts'

const issuer = 'https://auth.example.com'
const claims = { token_use: 'access', client_id: 'client_demo', sub: 'person' }

/** An issuer with a key of its own, and time that stands still. */
async function startIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const another = await generateKeyPair('RS256')
  const state = { publicKey, reads: 0, isBroken: false }
  const server = createServer((_, response) => {
    state.reads += 1
    if (state.isBroken) {
      response.writeHead(500).end()
      return
    }
    void exportJWK(state.publicKey).then((jwk) => response.end(JSON.stringify({ keys: [jwk] })))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const time = { ofDay: Date.UTC(2026, 0, 1), steady: 0 }
  const verifier = tokenVerifier(
    { issuer, clientId: 'client_demo', jwksUrl },
    { ofDay: () => time.ofDay, steady: () => time.steady },
  )
  const verify = async (authorization: string | undefined) => verifier(authorization)
  const key = await exportJWK(privateKey)
  return {
    time,
    sign: (more: Record<string, unknown> = {}, alg = 'RS256') =>
      new SignJWT({ ...claims, exp: time.ofDay / 1000 + 3_600, iss: issuer, ...more })
        .setProtectedHeader({ alg })
        .sign({ ...key, alg }),
    outcome: (token: string) =>
      verify(`Bearer ${token}`).then(
        ({ subject }) => subject,
        (error: unknown) => (error as { kind: string }).kind,
      ),
    verify,
    breakDown: () => {
      state.isBroken = true
    },
    /** From now on its set holds another key alone. */
    takeKeyBack: () => {
      state.publicKey = another.publicKey
    },
    pass(milliseconds: number) {
      time.ofDay += milliseconds
      time.steady += milliseconds
    },
    reads: () => state.reads,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

it('AT8: takes RS256 alone, also where the key does not say what it is for', async () => {
  await using by = await startIssuer()
  expect(await by.outcome(await by.sign())).toBe('person')
  for (const alg of ['RS384', 'RS512', 'PS256']) expect(await by.outcome(await by.sign({}, alg))).toBe('refused')
})

it('remembers a token that was verified to its end, five seconds for clocks that differ included', async () => {
  await using by = await startIssuer()
  const token = await by.sign({ exp: by.time.ofDay / 1000 + 60 })
  expect(await by.outcome(token)).toBe('person')
  by.pass(64_999)
  expect(await by.outcome(token)).toBe('person')
  by.pass(1)
  expect(await by.outcome(token)).toBe('refused')
})

it('a token that has ended is refused, whether it was verified before or not', async () => {
  await using by = await startIssuer()
  const [known, unknown] = [await by.sign(), await by.sign({ jti: 'another' })]
  expect(await by.outcome(known)).toBe('person')
  by.time.ofDay += 3_605_000
  expect([await by.outcome(known), await by.outcome(unknown)]).toEqual(['refused', 'refused'])
})

it('trusts a remembered token for five minutes after its key was taken back, and no other one', async () => {
  await using by = await startIssuer()
  const known = await by.sign()
  const outcomeOfNew = async (index: number) => by.outcome(await by.sign({ jti: String(index) }))
  // The set is read anew every ten minutes, beside the work.
  expect(await outcomeOfNew(0)).toBe('person')
  by.pass(599_000)
  expect(await by.outcome(known)).toBe('person')
  by.takeKeyBack()
  by.pass(1_001)
  let count = 0
  await expect.poll(() => outcomeOfNew(++count)).toBe('refused')
  expect(await by.outcome(known)).toBe('person')
  by.pass(300_000)
  expect(await by.outcome(known)).toBe('refused')
})

it('trusts a remembered token as long as one that is verified: five seconds past its end', async () => {
  await using by = await startIssuer()
  const known = await by.sign({ exp: by.time.ofDay / 1000 + 700 })
  // The set is read now, and anew ten minutes later.
  expect(await by.outcome(await by.sign({ jti: 'first' }))).toBe('person')
  by.pass(500_000)
  expect(await by.outcome(known)).toBe('person')
  by.takeKeyBack()
  by.pass(100_001)
  let count = 0
  await expect.poll(async () => by.outcome(await by.sign({ jti: String(++count) }))).toBe('refused')
  by.pass(104_998)
  expect(await by.outcome(known), 'after 704.999 seconds').toBe('person')
  by.pass(1)
  expect(await by.outcome(known)).toBe('refused')
})

it('AT6, F105: while the key set cannot be had says so, with the cause and without the token', async () => {
  await using by = await startIssuer()
  by.breakDown()
  const token = await by.sign()
  await expect(by.verify(`Bearer ${token}`)).rejects.toMatchObject({
    name: 'IdentityError',
    kind: 'unavailable',
    message: 'The key set of the issuer cannot be read',
    cause: { message: 'The key set of the issuer cannot be read', cause: { message: /HTTP 500$/ } },
  })
})

it.each([
  [{ token_use: 'id' }, 'The token is not an access token'],
  [{ exp: undefined }, 'The token is not an access token'],
  [{ sub: undefined }, 'The token is not an access token'],
  [{ client_id: 'another' }, 'The token is for another client'],
  [{ iss: 'https://evil.example' }, 'The token was refused: ERR_JWT_CLAIM_VALIDATION_FAILED'],
  [{ exp: 1 }, 'The token was refused: ERR_JWT_EXPIRED'],
])('AT7: a refusal of %j says why to the log, and repeats nothing of the token', async (more, message) => {
  await using by = await startIssuer()
  await expect(by.verify(`Bearer ${await by.sign(more)}`)).rejects.toMatchObject({
    name: 'IdentityError',
    kind: 'refused',
    message,
  })
})

it('AT7: a token that is good is none in the midst of other words', async () => {
  await using by = await startIssuer()
  const token = await by.sign()
  for (const header of [`x Bearer ${token}`, `Bearer ${token} x`, `Bearer ${token}.x`, `Bearer x.${token}`]) {
    await expect(by.verify(header)).rejects.toMatchObject({ kind: 'refused', message: 'No bearer token' })
  }
  await expect(by.verify(`bearer ${token}`)).resolves.toMatchObject({ subject: 'person' })
})

it('remembers no token that was refused', async () => {
  await using by = await startIssuer()
  const early = await by.sign({ nbf: by.time.ofDay / 1000 + 60 })
  expect(await by.outcome(early)).toBe('refused')
  by.pass(60_000)
  expect(await by.outcome(early)).toBe('person')
})

it('tells tokens apart that differ in their claims alone, or in their signature alone', async () => {
  await using by = await startIssuer()
  const token = await by.sign()
  expect(await by.outcome(token)).toBe('person')
  expect(await by.outcome(await by.sign({ sub: 'another' }))).toBe('another')
  const changed = token.at(-10) === 'A' ? 'B' : 'A'
  expect(await by.outcome(token.slice(0, -10) + changed + token.slice(-9))).toBe('refused')
  const [header = '', , signature = ''] = token.split('.')
  const payload = Buffer.from(JSON.stringify({ ...claims, sub: 'victim' })).toString('base64url')
  expect(await by.outcome([header, payload, signature].join('.'))).toBe('refused')
})

it.each([
  ['without an address', undefined, undefined],
  ['with one', 'alex@example.com', 'alex@example.com'],
  ['with something that is none', 'alex', undefined],
])('tells the e-mail address %s', async (_, email, told) => {
  await using by = await startIssuer()
  const token = await by.sign(email === undefined ? {} : { email })
  expect(await by.verify(`Bearer ${token}`)).toEqual({ issuer, subject: 'person', email: told })
})

it.each([
  ['of another client', { client_id: 'another' }],
  ['F103: that is an ID token', { token_use: 'id', aud: 'client_demo' }],
  ['of another issuer', { iss: 'https://evil.example' }],
  ['without a subject', { sub: '' }],
  ['with a subject of 256 characters', { sub: 's'.repeat(256) }],
  ['with a subject that PostgreSQL does not keep', { sub: 'person\u0000' }],
  ['with a subject that PostgreSQL would keep as another’s', { sub: 'person\ud800' }],
])('refuses a token %s', async (_, more) => {
  await using by = await startIssuer()
  expect(await by.outcome(await by.sign(more))).toBe('refused')
  expect(await by.outcome(await by.sign({ sub: 's'.repeat(255) }))).toBe('s'.repeat(255))
})

it.each([undefined, '', 'Bearer', 'Bearer a.b', 'Basic a.b.c', ' Bearer a.b.c', 'Bearer a.b.c.d', 'Bearer a.b.c x'])(
  'AT7: the header %j is none, and the key set is not asked for',
  async (authorization) => {
    await using by = await startIssuer()
    await expect(by.verify(authorization)).rejects.toMatchObject({ kind: 'refused' })
    expect(by.reads()).toBe(0)
  },
)

it('AT7: a header of more than 8,192 characters is not read', async () => {
  await using by = await startIssuer()
  const header = (length: number, token: string) => `Bearer ${token}`.padEnd(length, 'x')
  const verify = (length: number) => by.verify(header(length, 'a.b.')).catch((error: Error) => error.message)
  expect(await verify(8_193)).toBe('No bearer token')
  expect(await verify(8_192)).not.toBe('No bearer token')
})
