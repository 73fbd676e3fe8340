import { randomUUID } from 'node:crypto'
import * as fc from 'fast-check'
import { Agent, request, type Dispatcher } from 'undici'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Person } from '../harness/person.ts'
import { procedures } from '../harness/procedures.ts'
import { startSystem, type System } from '../harness/system.ts'
import { decide } from '../harness/visit.ts'
import { headerValue, inner, inTime, parametersFor, text } from './fuzz-cases.ts'

/** Callbacks and calls of procedures that somebody has garbled, so many of each. */
export function fuzzEdge(cases: number): void {
  let system: System
  let person: Person
  /** a callback that would be good, and the cookie that makes it so */
  let callback: URL
  let cookie: string
  const agent = new Agent({ connections: 8, pipelining: 1 })

  beforeAll(async () => {
    system = await startSystem({ environment: { LOG_LEVEL: 'fatal' } })
    person = await system.newPerson()
    const { authorizationUrl } = await person.client.pms.startConnection.mutate()
    callback = new URL(await decide(person.browser, authorizationUrl))
    cookie = person.browser.cookies('localhost').join('; ')
  })
  afterAll(async () => {
    await agent.close()
    await system.stop()
  })

  const time = { timeout: 60_000 + cases * 20 }

  interface Ask {
    method: Dispatcher.HttpMethod
    path: string
    headers?: Record<string, string | string[]>
    body?: string
  }

  /** Asks. @returns what came, with what must not be so of any answer */
  async function ask({ method, path, headers = {}, body }: Ask) {
    const { result, isSlow } = await inTime(async () => {
      const options = { method, headers, dispatcher: agent, ...(body === undefined ? {} : { body }) }
      const answer = await request(system.origin + path, options)
      return { status: answer.statusCode, told: await answer.body.text(), headers: answer.headers }
    })
    const { status, told } = result
    const { location, 'content-type': type } = result.headers
    const wrong = {
      'it is ours': status >= 500,
      'it took too long': isSlow,
      'it tells what is inside': !String(type).includes('text/html') && inner.test(told),
      'a header was planted': JSON.stringify(result.headers).includes('planted'),
      'it leads elsewhere': location !== undefined && !setup.test(String(location)),
    }
    return { status, told, wrong: Object.entries(wrong).flatMap(([what, isSo]) => (isSo ? [what] : [])) }
  }

  const setup = /^http:\/\/localhost:\d+\/agent\/setup\/pms\?/

  /** All that must not have changed: accounts, attempts and integrations, to the byte. */
  const rows = async () => [
    await system.db.account.findMany({ orderBy: { id: 'asc' } }),
    await system.db.pmsIntegration.findMany(),
    await system.db.pmsConnectionAttempt.findMany({ orderBy: { id: 'asc' } }),
  ]

  /** As it may stand in an address; what URL itself would refuse is left as it is. */
  const encoded = (value: string) => encodeURIComponent(value.toWellFormed())

  it('a callback: whatever its query, headers and cookies, it is answered, and changes nothing', time, async () => {
    const before = await rows()
    const good = Object.fromEntries(callback.searchParams)
    const name = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('code', 'state', 'error', 'error_description', 'iss', 'redirect') },
      { weight: 1, arbitrary: text },
    )
    const value = fc.oneof(
      { weight: 3, arbitrary: text },
      // Nearly good ones: cut, changed in one place, in another case.
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom('state', 'code'), fc.nat(200), fc.constantFrom('cut', 'change', 'upper', 'pad'))
          .map(([which, at, how]) => damaged(good[which] ?? '', at, how)),
      },
    )
    const raw = fc.oneof(
      { weight: 5, arbitrary: fc.array(fc.tuple(name, value), { maxLength: 5 }).map((pairs) => queryOf(pairs)) },
      { weight: 1, arbitrary: text.map((each) => `?${each.replace(/[^\x21-\x7e]|#/g, '')}`) },
    )
    const headers = fc.record(
      {
        cookie: fc.oneof(
          headerValue,
          fc.constant(cookie),
          headerValue.map((each) => `${cookie}; pms_attempt_x=${each}`),
        ),
        'sec-purpose': fc.constantFrom('prefetch', 'x'),
        'x-forwarded-for': headerValue,
        'x-forwarded-host': headerValue,
        accept: headerValue,
        authorization: headerValue,
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/pms/sikka/oauth/callback', '/agent/setup/pms/callback', '/pms//sikka/oauth/callback'),
        fc.oneof(
          { weight: 8, arbitrary: fc.constant('GET') },
          { weight: 1, arbitrary: fc.constantFrom<Dispatcher.HttpMethod>('HEAD', 'POST', 'PUT') },
        ),
        raw,
        headers,
        async (path, method, query, given) => {
          const isGood =
            good['state'] !== undefined &&
            query.includes(encoded(good['state'])) &&
            query.includes(encoded(good['code'] ?? ''))
          fc.pre(!isGood)
          expect((await ask({ method, path: path + query, headers: given })).wrong).toEqual([])
        },
      ),
      parametersFor(cases),
    )
    expect(await rows()).toEqual(before)
    expect(system.sikka.calls.requestKey.authorization_code).toBe(0)
  })

  const queryOf = (pairs: [string, string][]) => `?${pairs.map((pair) => pair.map(encoded).join('=')).join('&')}`

  function damaged(value: string, at: number, how: string): string {
    const index = at % Math.max(1, value.length)
    if (how === 'cut') return value.slice(0, index)
    if (how === 'upper') return value.toUpperCase()
    if (how === 'pad') return `${value}=`
    return `${value.slice(0, index)}${value[index] === 'A' ? 'B' : 'A'}${value.slice(index + 1)}`
  }

  it(
    'a procedure: whatever its path, method, input and headers, it is answered, and changes nothing',
    time,
    async () => {
      await person.client.account.current.query()
      const before = await rows()
      const known = procedures.map(([path]) => path)
      const paths = fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...known) },
        {
          weight: 2,
          arbitrary: fc.array(fc.constantFrom(...known), { minLength: 2, maxLength: 12 }).map((all) => all.join()),
        },
        { weight: 2, arbitrary: text.map((each) => each.replace(/[^\x21-\x7e]|[?#]/g, '')) },
      )
      const input = fc.oneof(
        fc.json({ maxDepth: 3 }),
        text,
        fc
          .dictionary(
            fc.constantFrom(
              'attemptId',
              'choiceId',
              'after',
              'waitSeconds',
              'cursor',
              'limit',
              'accountId',
              '0',
              '__proto__',
            ),
            fc.oneof(
              text,
              fc.constant(randomUUID()),
              fc.integer(),
              fc.double(),
              fc.constant(null),
              fc.constant({ not: '' }),
            ),
          )
          .map((each) => JSON.stringify(each)),
      )
      const authorization = fc.oneof(
        { weight: 4, arbitrary: fc.constant(`Bearer ${person.accessToken}`) },
        { weight: 2, arbitrary: headerValue },
        { weight: 1, arbitrary: headerValue.map((each) => `Bearer ${person.accessToken}${each}`) },
      )
      const type = fc.oneof(
        fc.constant('application/json'),
        fc.constantFrom('text/plain', 'multipart/form-data', ''),
        headerValue,
      )
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(
            '/trpc/',
            '/trpc//',
            '/trpc%2F',
            '/api/pms/connection-status/',
            '/api/pms/connection-status?',
          ),
          paths,
          fc.constantFrom<Dispatcher.HttpMethod>('GET', 'POST', 'GET', 'POST', 'OPTIONS', 'DELETE', 'PATCH'),
          input,
          fc.record(
            { authorization, 'content-type': type, 'trpc-accept': headerValue, origin: headerValue },
            { requiredKeys: [] },
          ),
          fc.boolean(),
          async (root, path, method, given, headers, batch) => {
            // These would rightly do something.
            const changes = /startConnection|disconnect/i.test(path) && method === 'POST'
            const isSignedIn = headers.authorization === `Bearer ${person.accessToken}`
            fc.pre(!(changes && isSignedIn))
            const query = `${root.endsWith('?') ? '&' : '?'}${batch ? 'batch=1&' : ''}input=${encoded(given)}`
            const { status, told, wrong } = await ask({
              method,
              path: `${root}${path}${query}`,
              headers,
              ...(method === 'GET' || method === 'OPTIONS' ? {} : { body: given.toWellFormed() }),
            })
            expect(wrong).toEqual([])
            // Nobody gets anything without a token.
            expect(status === 200 && headers.authorization === undefined && told.includes('"data"')).toBe(false)
            expect(told).not.toContain(person.accessToken)
          },
        ),
        parametersFor(cases),
      )
      expect(await rows()).toEqual(before)
    },
  )
}
