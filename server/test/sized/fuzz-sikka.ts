import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Redacted } from '../../src/config/redacted.ts'
import { ConnectionFailure } from '../../src/failure.ts'
import { sikkaClients } from '../../src/sikka/client.ts'
import { fakeClock } from '../../src/sikka/testing/fake-clock.ts'
import { httpUpstream, type Upstream } from '../../src/sikka/testing/upstream.ts'
import { disguised, wholeGrant, wholeList, type WireReply } from './disguised-answers.ts'
import { headerValue, inTime, parametersFor, text } from './fuzz-cases.ts'

/** Whatever Sikka tells; it must not come out of a failure. */
const canary = 'canary-of-sikka'
const application = { id: 'app_demo', key: new Redacted('made-up application key') }

const anything = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
  fc.constantFrom('D00001', `${canary} of a value`, '86400', '85603 second(s)', 86_400, '1e9', -1, '5'),
)
const grant = fc.dictionary(
  fc.constantFrom('request_key', 'refresh_key', 'expires_in', 'issued_to', 'end_time', 'token_type', 'status', 'scope'),
  anything,
)
const practice = fc.dictionary(
  fc.constantFrom('office_id', 'secret_key', 'practice_name', 'practice_id', 'practice_management_system', 'pms_type'),
  anything,
)
const list = fc.record(
  {
    items: fc.oneof(fc.array(practice, { maxLength: 4 }), anything),
    total_count: anything,
    offset: anything,
    limit: anything,
    pagination: anything,
  },
  { requiredKeys: [] },
)
const trouble = fc.record(
  {
    error_code: fc.oneof(anything, fc.constantFrom('API1025', 'API2005', 'API2007', 'API2001', 'API1026', 'API4002')),
    short_message: anything,
  },
  { requiredKeys: [] },
)
const json = fc
  .oneof(grant, list, fc.array(list, { maxLength: 2 }), trouble, anything, fc.anything({ maxDepth: 3 }))
  .map((value) => JSON.stringify(value) ?? '')
const body = fc.oneof(
  { weight: 6, arbitrary: json },
  { weight: 1, arbitrary: fc.tuple(json, fc.nat(60)).map(([all, length]) => all.slice(0, length)) },
  { weight: 1, arbitrary: text.map((each) => `<html>${canary}${each}`) },
)
const replies: fc.Arbitrary<WireReply> = fc.record({
  status: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(200, 200, 200, 204, 400, 401, 429) },
    { weight: 2, arbitrary: fc.integer({ min: 200, max: 599 }) },
  ),
  headers: fc.dictionary(
    fc.constantFrom(
      'content-type',
      'content-encoding',
      'retry-after',
      'x-rate-limit-remaining',
      'x-rate-limit-reset',
      'x-canary',
      'location',
    ),
    fc.oneof(
      headerValue,
      fc.constantFrom('application/json', 'a/b; charset=utf-16', 'gzip', 'br, deflate', '0', '1', canary),
    ),
  ),
  body,
})

const key = new Redacted('made-up key')
const calls = {
  exchangeCode: (client: Client, signal: AbortSignal) => client.exchangeCode(key, signal),
  refreshKeys: (client: Client, signal: AbortSignal) => client.refreshKeys(key, signal),
  renewKeys: (client: Client, signal: AbortSignal) => client.renewKeys({ officeId: 'D00001', secretKey: key }, signal),
  revokeKeys: (client: Client, signal: AbortSignal) => client.revokeKeys({ requestKey: key, refreshKey: key }, signal),
  async practicePages(client: Client, signal: AbortSignal) {
    const pages = []
    for await (const page of client.practicePages(key, signal, { left: 75 })) {
      pages.push(page)
      if (pages.length > 100) throw new Error('The pages do not end')
    }
    return pages
  },
} as const
type Client = ReturnType<ReturnType<typeof sikkaClients>['for']>
const names = Object.keys(calls) as (keyof typeof calls)[]

/** Replies of Sikka that are wrong in some way, so many of them. */
export function fuzzSikka(cases: number): void {
  let upstream: Upstream
  let reply: WireReply

  beforeAll(async () => {
    upstream = await httpUpstream((response) => {
      const hasBody = ![204, 304].includes(reply.status)
      response.writeHead(reply.status, reply.headers).end(hasBody ? reply.body : undefined)
    })
  })
  afterAll(() => upstream[Symbol.asyncDispose]())

  it(
    'Sikka: whatever it replies, a call ends in time with what was asked for or with a failure of ours, which tells nothing of the reply',
    { timeout: 60_000 + cases * 30 },
    async () => {
      let good = 0
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...names), replies, async (call, given) => {
          reply = given
          const { result: problem, isSlow } = await inTime(async () => {
            await using client = clientForTest()
            return calls[call](client, AbortSignal.timeout(5_000)).then(
              (outcome) => {
                good += 1
                return wrongIn(call, outcome)
              },
              (error: unknown) => wrongInFailure(error),
            )
          })
          expect([problem, isSlow]).toEqual([undefined, false])
        }),
        parametersFor(Math.ceil((cases * 3) / 4)),
      )
      // It is not all refused: some of what is made here is good.
      expect(good).toBeGreaterThan(cases / 100)
    },
  )

  it(
    'Sikka: a whole grant and a whole list are read in whatever status, encoding, charset and wrapping they come',
    { timeout: 60_000 + cases * 30 },
    async () => {
      const both = fc.record({ grant: disguised(wholeGrant), list: disguised(wholeList) })
      await fc.assert(
        fc.asyncProperty(both, async ({ grant: granted, list: listed }) => {
          await using client = clientForTest()
          reply = granted
          const { requestKey, issuedTo = 'D00001' } = await client.exchangeCode(key, AbortSignal.timeout(5_000))
          expect([requestKey.reveal(), issuedTo]).toEqual(['requestkeydemo0001', 'D00001'])
          reply = listed
          const pages = client.practicePages(key, AbortSignal.timeout(5_000), { left: 1 })
          const { value } = await pages.next()
          const found = value?.listed.at(-1)?.practice
          expect(found).toMatchObject({ officeId: 'D00001', practiceId: '1' })
          expect(found?.secretKey.reveal()).toBe('secretkeydemo0001')
        }),
        parametersFor(Math.ceil(cases / 4)),
      )
    },
  )

  function clientForTest() {
    const clients = sikkaClients({
      application,
      authorizationPage: 'https://sikka.example/authapp.aspx',
      redirectUri: 'https://app.example.com/pms/sikka/oauth/callback',
      apiUrl: upstream.origin,
      clock: fakeClock(),
    })
    const client = clients.for({ accountId: 'account', isWaitedFor: true })
    return { ...client, [Symbol.asyncDispose]: () => clients.close() }
  }
}

/** @returns what must not be so of a failure: it is ours, and tells nothing of the reply */
function wrongInFailure(error: unknown): string | undefined {
  if (!(error instanceof ConnectionFailure)) return `not a failure of ours: ${inspect(error)}`
  const told = inspect(error, { depth: 10, showHidden: true })
  return told.includes(canary) ? `it tells what Sikka said: ${told}` : undefined
}

/** @returns what is wrong with what a call has read */
function wrongIn(call: keyof typeof calls, outcome: unknown): string | undefined {
  if (call === 'revokeKeys') return undefined
  if (call === 'practicePages') {
    const pages = outcome as { listed: { officeId: string }[] }[]
    const bad = pages.flatMap(({ listed }) => listed).find(({ officeId }) => !/^\S+$/.test(officeId))
    return bad && `an office ${inspect(bad)}`
  }
  const { requestKey, refreshKey, expiresAt } = outcome as { requestKey: unknown; refreshKey: unknown; expiresAt: Date }
  const life = expiresAt.getTime() - Date.now()
  const isRight =
    requestKey instanceof Redacted &&
    (refreshKey === undefined || refreshKey instanceof Redacted) &&
    life > -60_000 &&
    life < 31 * 86_400_000
  return isRight ? undefined : `a grant ${inspect(outcome)}`
}
