import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTo } from 'node:net'
import { text } from 'node:stream/consumers'
import { beforeEach, describe, expect, it } from 'vitest'
import { Redacted } from '../src/config/redacted.ts'
import { signState } from '../src/connection/signed-state.ts'
import { sha256, shortIdOf } from '../src/connection/start-connection.ts'
import { stage } from './harness/stage.ts'
import { decide, open, outcomeOf } from './harness/visit.ts'

const on = stage()

beforeEach(async () => {
  await on.person.client.account.current.query()
})

const exchanges = () => on.system.sikka.calls.requestKey.authorization_code

describe('F25: a start that is not visible yet', () => {
  it('is answered only once it is committed: before that no browser has its address or its cookie', async () => {
    const when = 'INSERT INTO pms_connection_attempts'
    on.system.lines.database.set({ kind: 'hang', when })
    let answered = false
    const starting = on.person.client.pms.startConnection.mutate().finally(() => {
      answered = true
    })
    await on.system.lines.database.struck()
    // The commit waits on its way; whatever the server would say without it, it has had the time to say.
    const other = await on.system.newPerson()
    await expect(other.client.pms.connectionStatus.query()).resolves.toMatchObject({ status: 'pending' })
    expect([answered, on.person.browser.cookies('localhost'), await on.system.db.pmsConnectionAttempt.count()]).toEqual(
      [false, [], 0],
    )
    on.system.lines.database.heal()
    const { attemptId, authorizationUrl } = await starting
    await open(on.person.browser, await decide(on.person.browser, authorizationUrl))
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'connected' })
  })

  it('is refused without being used up, should somebody have both after all, and can then be finished', async () => {
    const { accountId } = await on.person.client.account.current.query()
    const id = randomUUID()
    const [nonce, token] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')]
    const keys = [new Redacted(on.system.variables['STATE_SECRET'] ?? '')]
    const state = signState({ accountId, timestamp: Date.now(), nonce }, keys)
    const authorizationUrl = new URL(on.system.variables['SIKKA_OAUTH_URL'] ?? '')
    const { SIKKA_APP_ID = '', SIKKA_REDIRECT_URI = '' } = on.system.variables
    authorizationUrl.search = String(
      new URLSearchParams({ app_id: SIKKA_APP_ID, redirect_uri: SIKKA_REDIRECT_URI, state }),
    )
    const callback = await decide(on.person.browser, authorizationUrl.href)
    const headers = { cookie: `pms_attempt_${shortIdOf(nonce)}=${token}` }
    await on.system.db.$transaction(async (tx) => {
      const data = { id, accountId, provider: 'SIKKA', nonceHash: sha256(nonce), browserHash: sha256(token) } as const
      await tx.pmsConnectionAttempt.create({ data })
      expect((await open(on.person.browser, callback, { headers })).path).toBe('/agent/setup/pms?error=invalid_state')
    })
    expect(exchanges()).toBe(0)
    expect((await open(on.person.browser, callback, { headers })).path).toContain('status=connecting')
    expect(await outcomeOf(on.person, id)).toMatchObject({ status: 'connected' })
    expect(exchanges()).toBe(1)
  })
})

describe('F26: what a client says of host and scheme', () => {
  /** A request as no browser or client library would write it. */
  async function raw(target: string, headers: string[]): Promise<string> {
    const socket = connectTo(Number(new URL(on.system.origin).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`${[`GET ${target} HTTP/1.1`, ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`)
    return text(socket)
  }

  const locationOf = (answer: string) => /^location: (.*?)\r$/im.exec(answer)?.[1]
  const forwarded = ['X-Forwarded-Host: evil.example', 'X-Forwarded-Proto: https', 'X-Forwarded-Port: 81']
  const others = ['Forwarded: host=evil.example;proto=https', 'X-Original-Host: evil.example', 'X-Original-URL: /evil']

  /** A callback that waits to be opened, and the cookie that it needs. */
  async function allowed() {
    const { authorizationUrl, attemptId } = await on.person.client.pms.startConnection.mutate()
    const { pathname, search } = new URL(await decide(on.person.browser, authorizationUrl))
    const cookie = `Cookie: ${on.person.browser.cookies('localhost').join('; ')}`
    const page = `${on.system.origin}/agent/setup/pms?status=connecting&attempt=${attemptId}`
    return { target: `${pathname}${search}`, cookie, page }
  }

  it.each([
    ['Host', ['Host: evil.example']],
    ['Host with a port', ['Host: evil.example:443']],
    ['forwarding headers', ['Host: localhost', ...forwarded, ...others]],
    ['all of them', ['Host: evil.example', ...forwarded, ...others]],
  ])('changes nothing about where the browser is sent: %s', async (_, headers) => {
    const { target, cookie, page } = await allowed()
    const answer = await raw(target, [...headers, cookie])
    expect(locationOf(answer)).toBe(page)
    expect(answer).not.toContain('evil')
  })

  it.each([['evil.example/path?x='], ['localhost@evil.example'], ['evil.example, localhost']])(
    'is refused when it is no host: %s',
    async (host) => {
      const { target, cookie, page } = await allowed()
      const answer = await raw(target, [`Host: ${host}`, cookie])
      expect(answer).toMatch(/^HTTP\/1.1 400 /)
      expect([locationOf(answer), exchanges()]).toEqual([undefined, 0])
      expect(locationOf(await raw(target, ['Host: localhost', cookie]))).toBe(page)
    },
  )

  it('changes nothing either when it is said in the first line', async () => {
    const { target, cookie, page } = await allowed()
    const answer = await raw(`https://evil.example${target}`, ['Host: evil.example', cookie])
    expect(locationOf(answer)).toBe(page)
  })

  it('changes nothing about a refusal, nor about where Sikka is told to send the browser', async () => {
    const refused = await raw('/pms/sikka/oauth/callback?code=c&state=s', ['Host: evil.example', ...forwarded])
    expect(locationOf(refused)).toBe(`${on.system.origin}/agent/setup/pms?error=invalid_state`)
    const response = await on.person.browser.fetch(`${on.system.origin}/trpc/pms.startConnection`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${on.person.accessToken}`,
        'content-type': 'application/json',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
      },
    })
    const started = await response.text()
    expect(started).toContain(encodeURIComponent(`${on.system.origin}/pms/sikka/oauth/callback`))
    expect(started).not.toContain('evil')
  })
})
