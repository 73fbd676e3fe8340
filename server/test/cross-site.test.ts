import { beforeEach, expect, it } from 'vitest'
import { stage } from './harness/stage.ts'

const on = stage()

beforeEach(async () => {
  await on.system.db.pmsConnectionAttempt.deleteMany()
})

const start = '/trpc/pms.startConnection'
const signedIn = () => ({ authorization: `Bearer ${on.person.accessToken}` })
const ask = (path: string, init: RequestInit = {}) =>
  on.person.browser.fetch(`${on.system.origin}${path}`, { redirect: 'manual', ...init })

it('AT30: is started by POST with a token', async () => {
  const answer = await ask(start, { method: 'POST', headers: { ...signedIn(), 'content-type': 'application/json' } })
  expect(answer.status).toBe(200)
  expect(await on.system.db.pmsConnectionAttempt.count()).toBe(1)
})

it.each([
  ['a link', start, {}],
  ['a link to a batch', `${start}?batch=1&input=%7B%7D`, {}],
  ['a link that says POST', `${start}?_method=POST`, { 'x-http-method-override': 'POST' }],
  ['an image that is loaded ahead', start, { 'sec-purpose': 'prefetch' }],
])('AT30: is not started by %s, whoever is signed in and opens it', async (_, path, more) => {
  for (const headers of [{}, signedIn()]) {
    const answer = await ask(path, { headers: { ...more, ...headers } })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.headers.getSetCookie()).toEqual([])
  }
  expect(await on.system.db.pmsConnectionAttempt.count()).toBe(0)
})

it.each([
  ['a form', 'application/x-www-form-urlencoded', 'input=null'],
  ['a form of plain text', 'text/plain', '{}'],
  ['a form with files', 'multipart/form-data; boundary=x', '--x--'],
  ['a script', 'application/json', '{}'],
])('AT30: is not started by %s of another site, which has no token', async (_, type, body) => {
  const headers = { 'content-type': type, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  const answer = await ask(start, { method: 'POST', headers, body })
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  expect(answer.headers.getSetCookie()).toEqual([])
  expect(await on.system.db.pmsConnectionAttempt.count()).toBe(0)
})

it('AT30: what is sent with the token of the page, but no JSON, starts nothing', async () => {
  for (const type of ['application/x-www-form-urlencoded', 'text/plain']) {
    const answer = await ask(start, { method: 'POST', headers: { ...signedIn(), 'content-type': type }, body: 'x' })
    expect(answer.status).toBe(415)
  }
  expect(await on.system.db.pmsConnectionAttempt.count()).toBe(0)
})
