import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { readPageConfig } from '@pms/shared/page-config'
import { describe, expect, it } from 'vitest'
import { clientId, offers } from '../sandbox/environment.ts'
import { stage } from './harness/stage.ts'
import { startSystem } from './harness/system.ts'
import { decide, open } from './harness/visit.ts'

const on = stage()

const json = 'application/json'

/** A body that is sent without saying how long it is. */
const chunked = (body: string) => new Blob([body]).stream()

const get = (path: string, init?: RequestInit) => fetch(`${on.system.origin}${path}`, { redirect: 'manual', ...init })

describe('the page', () => {
  it.each([
    '/',
    '/agent/setup/pms',
    '/home/agent/setup/pms',
    '/agent/setup/review',
    '/auth/callback',
    '/agent/setup/pms/callback',
  ])('is served at %s, looked up anew each time', async (path) => {
    const response = await get(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
    expect(response.headers.get('cache-control')).toBe('no-cache')
  })

  it('has its assets kept for ever', async () => {
    const asset = /\/assets\/[\w.-]+\.js/.exec(await (await get('/')).text())?.[0] ?? ''
    const response = await get(asset)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  })

  it.each([
    '/assets/none.js',
    '/api/none',
    '/pms/none',
    '/trpc/none',
    '//trpc/account.current',
    '/trpc%2Faccount.current',
    '/%2ftrpc/x',
    '/TRPC/x',
    '/api//pms',
  ])('is not served at %s', async (path) => {
    const response = await get(path)
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  })

  it.each([
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
  ])('leads to no file outside: %s', async (path) => {
    expect(await (await get(path)).text()).not.toContain('"dependencies"')
  })

  it('may call where its sign-in really is: at Cognito the token endpoint has an origin of its own', async () => {
    const provider = createServer((_, response) => {
      response.end(JSON.stringify({ token_endpoint: 'https://pool.auth.example.com/oauth2/token' }))
    }).listen(0, '127.0.0.1')
    await once(provider, 'listening')
    const authority = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`
    await using other = await startSystem({ environment: { AUTH_AUTHORITY: authority } })
    const policy = async () => (await fetch(other.origin)).headers.get('content-security-policy')
    expect(await policy()).toContain(`connect-src 'self' ${authority} https://pool.auth.example.com;`)
    provider.close()
    expect(await policy()).toContain('https://pool.auth.example.com')
  })

  it('is counted by kind of route; the pool of the database by state', async () => {
    const paths = {
      page: '/agent/setup/pms',
      '/pms/': '/pms/none',
      '/trpc/': '/trpc/none',
      '/api/': '/api/none',
      '/config.json': '/config.json',
      '/livez': '/livez',
      '/readyz': '/readyz',
      '/assets/': '/assets/none.js',
    }
    const statuses = new Map<string, number>()
    for (const [route, path] of Object.entries(paths)) statuses.set(route, (await get(path)).status)
    const metrics = await on.system.metrics()
    for (const [route, status] of statuses) {
      const series = `pms_http_request_duration_seconds_count{method="GET",route="${route}",status="${status}"} `
      expect(metrics).toContain(series)
    }
    for (const state of ['idle', 'used', 'waiting']) {
      expect(metrics).toMatch(new RegExp(`^pms_database_connections\\{state="${state}"\\} \\d+$`, 'm'))
    }
  })

  it('is served when the sign-in cannot be reached', async () => {
    await using other = await startSystem({ environment: { AUTH_AUTHORITY: 'http://127.0.0.1:9' } })
    const response = await fetch(other.origin)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-security-policy')).toContain("connect-src 'self' http://127.0.0.1:9;")
  })

  it('loads nothing from elsewhere, and is framed by nobody', async () => {
    const { headers } = await get('/agent/setup/pms')
    expect(headers.get('link')).toMatch(/^<\/assets\/en-[^>]+>; rel=modulepreload/)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain(`connect-src 'self' ${new URL(on.system.identity.issuer).origin}`)
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'")
    expect(headers.get('permissions-policy')).toMatch(/camera=\(\).*geolocation=\(\).*microphone=\(\)/)
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect((await get('/config.json')).headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
  })
})

describe('files of the page', () => {
  it.each([
    ['br', 'br'],
    ['gzip', 'gzip, deflate'],
    ['br', 'gzip, deflate, br, zstd'],
    [null, 'identity'],
  ])('are sent as %s to who takes %s', async (encoding, accepted) => {
    const page = await (await get('/')).text()
    const script = /<script[^>]* src="([^"]+\/index-[^"]+)"/.exec(page)?.[1] ?? ''
    const response = await get(script, { headers: { 'accept-encoding': accepted } })
    expect(response.headers.get('content-encoding')).toBe(encoding)
    expect(response.headers.get('content-type')).toMatch(/^text\/javascript/)
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(await response.text()).toContain('import')
  })
})

describe('config.json', () => {
  it('tells the page where to sign in, and nothing else', async () => {
    const response = await get('/config.json')
    expect(readPageConfig(await response.json())).toEqual({
      authority: on.system.identity.issuer,
      clientId,
      supportEmail: offers.SUPPORT_EMAIL,
      supportUrl: offers.SUPPORT_URL,
      spuDownloadUrl: offers.SPU_DOWNLOAD_URL,
      nextStepUrl: offers.NEXT_STEP_URL,
    })
  })
})

describe('health', () => {
  it('is alive and ready', async () => {
    expect(await (await get('/livez')).text()).toBe('ok')
    expect(await (await get('/readyz')).text()).toBe('ready')
  })

  it.each([
    ['HAProxy by default', 'OPTIONS / HTTP/1.0', 204],
    ['HAProxy at an address', 'GET /livez HTTP/1.0', 200],
    ['a check by HEAD', 'HEAD /readyz HTTP/1.0', 200],
    ['a check of the status line alone', 'GET /readyz HTTP/1.0', 200],
    ['a check of the page', 'GET / HTTP/1.0', 200],
    ['a check by a proxy', 'GET http://pms.example/livez HTTP/1.0', 200],
    ['a check of the server', 'OPTIONS * HTTP/1.0', 204],
  ])('S3: is answered to who names no host: %s', async (_, line, status) => {
    const socket = connect(Number(new URL(on.system.origin).port), '127.0.0.1')
    socket.write(`${line}\r\n\r\n`)
    expect(await text(socket)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  it('F69: is not ready while a migration is missing', async () => {
    const isReady = async () => (await get('/readyz')).ok
    await on.system.db.$executeRaw`UPDATE _prisma_migrations SET finished_at = NULL`
    await on.system.until(async () => !(await isReady()))
    expect((await get('/livez')).status).toBe(200)
    await on.system.db.$executeRaw`UPDATE _prisma_migrations SET finished_at = now()`
    await on.system.until(isReady)
  })

  it('F67: is not ready while the database takes no writes', async () => {
    await using other = await startSystem()
    await other.db.$executeRawUnsafe(
      `ALTER DATABASE "${new URL(other.databaseUrl).pathname.slice(1)}" SET default_transaction_read_only = on`,
    )
    await other.db.$queryRaw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
    await expect.poll(async () => (await fetch(`${other.origin}/readyz`)).status).toBe(503)
  })
})

describe('C49: other origins', () => {
  const preflight = (origin: string) =>
    get('/trpc/pms.startConnection', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    })

  it('may call with credentials when they are named, to the letter', async () => {
    await using other = await startSystem({ environment: { CORS_ORIGINS: 'https://named.example' } })
    const ask = async (origin: string) =>
      (await fetch(`${other.origin}/config.json`, { headers: { origin } })).headers.get('access-control-allow-origin')
    expect(await ask('https://named.example')).toBe('https://named.example')
    expect(await ask(other.origin)).toBe(other.origin)
    expect(await ask('https://named.example.evil.example')).toBeNull()
    expect(await ask('https://sub.named.example')).toBeNull()
    expect(await ask('null')).toBeNull()
  })

  it('may not otherwise', async () => {
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
    const own = await preflight(on.system.origin)
    expect(own.headers.get('access-control-allow-origin')).toBe(on.system.origin)
    expect(own.headers.get('access-control-allow-credentials')).toBe('true')
    expect(own.headers.get('access-control-allow-headers')).toBe('authorization,content-type')
  })
})

describe('errors', () => {
  it('F111, C27: say nothing of what went wrong inside, but lead to it by the request id', async () => {
    await using broken = await startSystem()
    const { client } = await broken.newPerson()
    await client.account.current.query()
    await broken.db.$executeRaw`ALTER TABLE pms_integrations RENAME TO pms_integrations_gone`
    const failure: unknown = await client.pms.connectionStatus.query().catch((error: unknown) => error)
    expect(failure).toMatchObject({ message: 'Something went wrong', data: { code: 'INTERNAL_SERVER_ERROR' } })
    const { requestId } = (failure as { data: { requestId: string } }).data
    const line = broken.log.find((each) => each.includes(requestId) && each.includes('procedure failed')) ?? ''
    expect(line).toContain('pms_integrations')
    expect(JSON.stringify(failure)).not.toContain('pms_integrations')
  })

  it('F62: say that the database cannot be reached as 503, and keep the code of a callback unspent', async () => {
    await using cut = await startSystem()
    const person = await cut.newPerson()
    const { authorizationUrl, attemptId } = await person.client.pms.startConnection.mutate()
    const callback = await decide(person.browser, authorizationUrl)
    await cut.dropDatabase()
    await expect(person.client.pms.connectionStatus.query()).rejects.toMatchObject({
      data: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503 },
    })
    const answer = await open(person.browser, callback)
    expect(answer.path).toBe(`/agent/setup/pms?error=temporarily_unavailable&attempt=${attemptId}`)
    await cut.until(async () => (await fetch(`${cut.origin}/readyz`)).status === 503)
    expect(cut.sikka.calls.requestKey.authorization_code).toBe(0)
  })

  it('F63, F68: say that the database is too slow as 503', async () => {
    await using slow = await startSystem()
    const { client } = await slow.newPerson()
    await client.account.current.query()
    await slow.db.$transaction(
      async (tx) => {
        await tx.$executeRaw`LOCK TABLE pms_integrations IN ACCESS EXCLUSIVE MODE`
        const polls = Array.from({ length: 15 }, () =>
          client.pms.connectionStatus.query().catch((error: unknown) => error),
        )
        for (const outcome of await Promise.all(polls)) {
          expect(outcome).toMatchObject({ data: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503 } })
        }
      },
      { timeout: 20_000 },
    )
    expect(await client.pms.connectionStatus.query()).toMatchObject({ status: 'pending' })
  })

  it.each([
    ['/trpc/%E0%A4%A', {}, 400],
    [`/trpc/${Array.from({ length: 11 }, () => 'account.current').join()}?batch=1&input=%7B%7D`, {}, 400],
    ['/trpc/pms.startConnection', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' }, 415],
    ['/trpc/pms.startConnection', { method: 'PUT' }, 415],
    ['/trpc/none', {}, 404],
  ])('AT18: from before there is a context have a request id too: %s', async (path, init, status) => {
    const response = await get(path, init)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await response.text()).toContain(`"requestId":"${response.headers.get('x-request-id')}"`)
  })

  it('leave nothing of a start that a client wants streamed: the cookie comes with it', async () => {
    const { accessToken } = await on.system.newPerson()
    const response = await get('/trpc/pms.startConnection', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${accessToken}`,
        'content-type': 'application/json',
        'trpc-accept': 'application/jsonl',
      },
    })
    expect([response.status, response.headers.getSetCookie().length]).toEqual([200, 1])
  })

  it.each([
    ['no body and no type', {}, undefined],
    ['an empty body of another type', { body: '' }, 'application/x-www-form-urlencoded'],
    ['an empty body', { body: '' }, json],
    ['a chunked empty body', { body: chunked(''), duplex: 'half' }, undefined],
    ['a chunked empty body of a type', { body: chunked(''), duplex: 'half' }, json],
    ['blanks', { body: ' \n' }, json],
    ['{}', { body: '{}' }, json],
    ['null', { body: 'null' }, `${json}; charset=utf-8`],
    ['a chunked {}', { body: chunked('{}'), duplex: 'half' }, json],
  ] as [string, RequestInit, string | undefined][])('S18: %s is no input', async (_, init, type) => {
    const headers = new Headers({ authorization: `Bearer ${(await on.system.newPerson()).accessToken}` })
    if (type !== undefined) headers.set('content-type', type)
    expect((await get('/trpc/pms.startConnection', { ...init, method: 'POST', headers })).status).toBe(200)
  })

  it.each([
    ['account.current', '{}'],
    ['account.current', 'null'],
    ['pms.connectionStatus', '{}'],
    ['pms.connectionStatus', 'null'],
    ['account.current,pms.history', '{"0":{},"1":null}&batch=1'],
  ])('S18: %s?input=%s has no input either', async (path, input) => {
    const headers = { authorization: `Bearer ${(await on.system.newPerson()).accessToken}` }
    expect((await get(`/trpc/${path}?input=${input}`, { headers })).status).toBe(200)
  })

  it.each(['{"json":{}}', '[]', '0', '""', '{'])(
    'S18: %s is an input, and refused where there is none',
    async (body) => {
      const { accessToken } = await on.system.newPerson()
      const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' }
      expect((await get('/trpc/pms.startConnection', { method: 'POST', headers, body })).status).toBe(400)
    },
  )

  it.each(['/api/pms/connection-status', '/api/none', '/trpc/none', '/pms/none', '/assets/none.js'])(
    'H3: are kept nowhere: %s',
    async (path) => {
      const response = await get(path)
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.headers.get('cache-control')).toBe('no-store')
    },
  )

  it('F108: a batch of more than ten is refused', async () => {
    const paths = Array.from({ length: 11 }, () => 'account.current').join()
    const { accessToken } = await on.system.newPerson()
    const response = await get(`/trpc/${paths}?batch=1&input=%7B%7D`, {
      headers: { authorization: `Bearer ${accessToken}` },
    })
    expect(response.status).toBe(400)
  })

  it('a body past 64 KiB is refused', async () => {
    const { accessToken } = await on.system.newPerson()
    const response = await get('/trpc/pms.startConnection', {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify('x'.repeat(70_000)),
    })
    expect(response.status).toBe(413)
  })
})
