import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { clientId } from '../sandbox/environment.ts'
import { personOf } from './harness/person.ts'
import { procedures } from './harness/procedures.ts'
import { stage } from './harness/stage.ts'
import { startSystem } from './harness/system.ts'

const on = stage()

/** The status a bearer token gets, by the procedure and by the plain route alike. */
async function statusWith(authorization: string | undefined): Promise<number> {
  const headers = authorization === undefined ? {} : { authorization }
  const answers = await Promise.all(
    ['/trpc/account.current', '/api/pms/connection-status'].map((path) =>
      fetch(`${on.system.origin}${path}`, { headers }),
    ),
  )
  expect(answers[0]?.status).toBe(answers[1]?.status)
  return answers[0]?.status ?? 0
}

const now = () => Math.floor(Date.now() / 1000)

describe('an access token', () => {
  it('of the sign-in’s own flow is good, and always leads to the same account', async () => {
    const { accessToken } = await on.system.identity.signIn('alex')
    const first = await personOf(on.system.origin, accessToken).client.account.current.query()
    const again = await personOf(
      on.system.origin,
      (await on.system.identity.signIn('alex')).accessToken,
    ).client.account.current.query()
    const other = await personOf(
      on.system.origin,
      (await on.system.identity.signIn('robin')).accessToken,
    ).client.account.current.query()
    expect(again.accountId).toBe(first.accountId)
    expect(other.accountId).not.toBe(first.accountId)
  })

  it.each([
    ['for another client', { client_id: 'another' }],
    ['F103: that is an ID token', { token_use: 'id', aud: clientId }],
    ['without token_use', { token_use: undefined }],
    ['without a client', { client_id: undefined }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['without a subject', { sub: undefined }],
    ['without an end', { exp: undefined }],
    ['that has ended', { exp: now() - 60 }],
    ['that begins later', { nbf: now() + 600 }],
  ])('%s is refused', async (_, claims) => {
    expect(await statusWith(`Bearer ${await on.system.identity.issueToken(claims)}`)).toBe(401)
    expect(await statusWith(`Bearer ${await on.system.identity.issueToken({})}`)).toBe(200)
  })

  it('signed with another key under a known id is refused', async () => {
    expect(await statusWith(`Bearer ${await on.system.identity.issueToken({}, {}, { key: 'other' })}`)).toBe(401)
  })

  it('AT8: signed by HS256 with the public key, by nothing, or under an unknown id is refused', async () => {
    const good = await on.system.identity.issueToken({})
    const [header = '', payload = ''] = good.split('.')
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    const keySet = (await (await fetch(on.system.identity.jwksUrl)).json()) as { keys: { kid: string }[] }
    const kid = keySet.keys[0]?.kid ?? ''
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, string>
    const symmetric = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid })
      .sign(new TextEncoder().encode(JSON.stringify(keySet.keys[0])))
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const unknown = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: randomUUID() }).sign(privateKey)
    for (const token of [`${none}.${payload}.`, `${none}.${payload}.x`, symmetric, unknown, `${header}.${payload}.x`]) {
      expect(await statusWith(`Bearer ${token}`)).toBe(401)
    }
    expect(await statusWith(`Bearer ${good}`)).toBe(200)
  })

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer a.b',
    'Bearer a.b.c',
    'Basic YTpi',
    'Bearer é.é.é',
    `Bearer ${'a'.repeat(10_000)}.b.c`,
    'Bearer a.b.c, Bearer a.b.c',
  ])('AT7: in the form %j is refused, and nothing breaks', async (authorization) => {
    const encoded = authorization && Buffer.from(authorization).toString('latin1')
    expect(await statusWith(encoded)).toBe(401)
  })

  it('AT7: of 64 KiB is refused by the server before anybody reads it', async () => {
    const response = await fetch(`${on.system.origin}/trpc/account.current`, {
      headers: { authorization: `Bearer ${'a'.repeat(65_536)}` },
    })
    expect(response.status).toBe(431)
  })
})

/** Calls a procedure as a client that knows nothing of types. */
function call(path: string, type: string, input: unknown, headers: Record<string, string>): Promise<Response> {
  const text = JSON.stringify(input)
  const query = type === 'query' ? `?accountId=x&input=${encodeURIComponent(text)}` : '?accountId=x'
  return fetch(`${on.system.origin}/trpc/${path}${query}`, {
    method: type === 'query' ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', 'x-user-id': 'x', 'x-account-id': 'x', ...headers },
    ...(type === 'query' ? {} : { body: text }),
  })
}

describe('C16: every procedure of the router', () => {
  it('is one of these, so that the next one comes by here', () => {
    expect(procedures).toEqual(
      expect.arrayContaining([
        ['account.current', 'query'],
        ['pms.startConnection', 'mutation'],
      ]),
    )
    expect(procedures.length).toBeGreaterThanOrEqual(7)
    expect(procedures.every(([, type]) => type === 'query' || type === 'mutation')).toBe(true)
  })

  it.each(procedures)(
    'AT9: %s without a token is 401, with a code and a request id, whatever it is told',
    async (...of) => {
      for (const input of [undefined, {}, { accountId: randomUUID() }]) {
        const response = await call(...of, input, {})
        expect(response.status).toBe(401)
        const requestId = response.headers.get('x-request-id')
        expect(await response.json()).toEqual({
          error: { code: -32001, message: 'Sign in first', data: { code: 'UNAUTHORIZED', httpStatus: 401, requestId } },
        })
      }
      expect(await on.system.db.pmsConnectionAttempt.count()).toBe(0)
    },
  )

  it.each(procedures)(
    'AT9, AT29: %s takes no account from its input, and no object where a text is due',
    async (...of) => {
      const { accessToken } = await on.system.newPerson()
      const [attemptId, choiceId] = [randomUUID(), randomUUID()]
      const inputs = [
        { accountId: randomUUID() },
        { attemptId, choiceId, accountId: randomUUID() },
        { attemptId, userId: 'x' },
        { attemptId: { not: '' }, choiceId },
        { attemptId: ['x'], choiceId },
        { attemptId, choiceId: { contains: '' } },
        { cursor: { gt: 0 } },
        { after: { not: '' } },
        [],
        'x',
      ]
      for (const input of inputs) {
        const response = await call(...of, input, { authorization: `Bearer ${accessToken}` })
        expect([input, response.status]).toEqual([input, 400])
        expect(await response.json()).toMatchObject({
          error: { message: 'The request is not valid', data: { code: 'BAD_REQUEST' } },
        })
      }
    },
  )
})

describe('AT6, F105: while the key set cannot be had', () => {
  it('nobody is let in, and the answer says that it is us', async () => {
    await using other = await startSystem({ environment: { AUTH_JWKS_URL: 'http://127.0.0.1:9/jwks.json' } })
    const { accessToken } = await other.newPerson()
    const response = await fetch(`${other.origin}/api/pms/connection-status`, {
      headers: { authorization: `Bearer ${accessToken}` },
    })
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  })
})
