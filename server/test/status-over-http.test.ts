import { expect, it } from 'vitest'
import { stage } from './harness/stage.ts'
import { startSystem } from './harness/system.ts'

const ours = 'https://app.example'
const theirs = 'https://evil.example'
const on = stage({ environment: { CORS_ORIGINS: ours } })

/** Where the status is asked for. */
const [procedure, plain] = ['/trpc/pms.connectionStatus', '/api/pms/connection-status']
const signedIn = (token = on.person.accessToken) => ({ authorization: `Bearer ${token}` })
const get = (path: string, headers: Record<string, string> = signedIn(), method = 'GET') =>
  fetch(on.system.origin + path, { headers, method })

it.each([procedure, plain])(
  'a page of another origin may read the answer of %s only where that is allowed',
  async (path) => {
    const cors = async (origin?: string) => {
      const { status, headers } = await get(path, { ...signedIn(), ...(origin === undefined ? {} : { origin }) })
      expect(status).toBe(200)
      return Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')))
    }
    expect(await cors()).toEqual({})
    expect(await cors(theirs)).not.toHaveProperty('access-control-allow-origin')
    expect(await cors(ours)).toEqual({
      'access-control-allow-credentials': 'true',
      'access-control-allow-origin': ours,
      'access-control-expose-headers': 'retry-after,x-request-id',
    })
    const preflight = await get(path, { origin: ours, 'access-control-request-method': 'GET' }, 'OPTIONS')
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, ours])
  },
)

it.each([
  ['HEAD', procedure, 204],
  ['HEAD', plain, 200],
  ['POST', procedure, 405],
  ['POST', plain, 404],
  ['PUT', procedure, 405],
  ['OPTIONS', procedure, 204],
])('%s %s is answered with %i and no status', async (method, path, status) => {
  const response = await get(path, { ...signedIn(), 'content-type': 'application/json' }, method)
  const text = await response.text()
  expect([response.status, text.includes('revision')]).toEqual([status, false])
  expect(response.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
})

it.each([procedure, plain])('S21: an answer of %s leads to its line in the log, at debug', async (path) => {
  const { headers } = await get(path)
  const lines = on.system.log.filter((line) => line.includes(headers.get('x-request-id') ?? 'none'))
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ level: 20, msg: 'request', method: 'GET', path, status: 200, ms: expect.any(Number) }),
  ])
})

/** Those that say something of the connection, or of one answer alone. */
const own = new Set(['connection', 'content-length', 'date', 'keep-alive', 'x-request-id'])

it.each(['http', 'https'])('the answer has the headers of one that is no page, under %s', async (scheme) => {
  const environment = scheme === 'https' ? { APP_BASE_URL: 'https://pms.example' } : {}
  await using system = await startSystem({ environment })
  const { accessToken } = await system.newPerson()
  const ids = new Set<string | null>()
  for (const path of [procedure, plain]) {
    const [ahead, through] = await Promise.all(
      [{}, { origin: theirs }].map(async (more) => {
        const { status, headers } = await fetch(system.origin + path, {
          headers: { ...signedIn(accessToken), ...more },
        })
        expect(status).toBe(200)
        return headers
      }),
    )
    expect(Object.fromEntries(ahead ?? [])).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
    })
    expect(ahead?.get('strict-transport-security')).toBe(
      scheme === 'https' ? 'max-age=31536000; includeSubDomains' : null,
    )
    // It has no header, and no value of one, that the steps of all requests would not have given it.
    const others = [...(ahead ?? [])].filter(([name, value]) => !own.has(name) && through?.get(name) !== value)
    expect(others).toEqual([])
    for (const headers of [ahead, through]) ids.add(headers?.get('x-request-id') ?? null)
  }
  expect(ids.size).toBe(4)
})
