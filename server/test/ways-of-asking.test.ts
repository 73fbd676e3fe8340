import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { stage } from './harness/stage.ts'
import { connect } from './harness/visit.ts'

const theirs = 'https://evil.example'
const calls = 30
const on = stage({ environment: { LIMIT_STATUS_PER_MINUTE: String(calls) } })

const alone = '/trpc/pms.connectionStatus'
const plain = '/api/pms/connection-status'
const signedIn = (token = on.person.accessToken) => ({ authorization: `Bearer ${token}` })
const get = (path: string, headers: Record<string, string> = signedIn()) => fetch(on.system.origin + path, { headers })

interface Said {
  result?: { data: object }
  error?: { code: number; message: string; data: { code: string; httpStatus: number } }
}

/** All that is told but the time and the request's id, which is the one of its header where there is an error. */
async function told(response: Response) {
  const text = await response.text()
  const requestId = response.headers.get('x-request-id')
  expect(response.ok ? requestId : /"requestId":"([^"]*)"/.exec(text)?.[1]).toBe(requestId)
  const all: unknown = JSON.parse(text, (key, value: unknown) =>
    key === 'timestamp' || key === 'requestId' ? undefined : value,
  )
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    type: response.headers.get('content-type'),
    caching: response.headers.get('cache-control'),
    said: (Array.isArray(all) ? all[0] : all) as Said,
  }
}

/** Asked alone, past all steps; the same through the steps of all requests, as from another origin; as a batch of one. */
async function askInEveryWay(query: string, input: string | undefined, headers: Record<string, string> = signedIn()) {
  const batch = input === undefined ? '?batch=1' : `?batch=1&input=${encodeURIComponent(`{"0":${input}}`)}`
  return {
    ahead: await told(await get(alone + query, headers)),
    through: await told(await get(alone + query, { ...headers, origin: theirs })),
    batch: await told(await get(alone + batch, headers)),
  }
}

async function askTheSame(input: string | undefined, headers?: Record<string, string>) {
  const query = input === undefined ? '' : `?input=${encodeURIComponent(input)}`
  const { ahead, through, batch } = await askInEveryWay(query, input, headers)
  expect(through).toEqual(ahead)
  expect(batch).toEqual(ahead)
  return ahead
}

/** The same over REST, whose errors have no frame. */
async function askPlainly(query: string, headers?: Record<string, string>) {
  const ahead = await told(await get(plain + query, headers))
  const through = await told(await get(plain + query, { ...(headers ?? signedIn()), origin: theirs }))
  expect(through).toEqual(ahead)
  return ahead
}

const badRequest = {
  status: 400,
  said: { error: { message: 'The request is not valid', data: { code: 'BAD_REQUEST' } } },
}

describe('the status, asked for alone, is what all other ways of asking give', () => {
  it('of the account and of its attempts', async () => {
    expect(await askTheSame(undefined)).toMatchObject({
      status: 200,
      said: { result: { data: { status: 'pending' } } },
    })
    const { attemptId, outcome } = await connect(on.person)
    const { timestamp: _, ...connected } = outcome
    const of = { status: 200, retryAfter: null, caching: 'no-store', said: { result: { data: connected } } }
    expect(await askTheSame(JSON.stringify({ attemptId }))).toMatchObject(of)
    const ofAccount = await askTheSame('{}')
    expect(await askTheSame(undefined)).toEqual(ofAccount)
    expect((await askPlainly('')).said).toEqual(ofAccount.said.result?.data)
    expect((await askPlainly(`?attemptId=${attemptId}`)).said).toEqual(connected)
  })

  it('held until its time is over, or not at all', async () => {
    const { revision } = await on.person.client.pms.connectionStatus.query()
    const startedAt = performance.now()
    const held = await askTheSame(JSON.stringify({ after: revision, waitSeconds: 0.1 }))
    expect(held).toMatchObject({ status: 200, said: { result: { data: { revision } } } })
    expect((await askPlainly(`?after=${revision}&waitSeconds=0.1`)).said).toEqual(held.said.result?.data)
    expect(performance.now() - startedAt).toBeGreaterThan(500)
    expect(await askTheSame(JSON.stringify({ after: 'another', waitSeconds: 25 }))).toEqual(held)
  })

  it.each([
    [
      'I6: an attempt of another account',
      async () => {
        const { attemptId } = await (await on.system.newPerson()).client.pms.startConnection.mutate()
        return attemptId
      },
    ],
    ['an attempt that nobody has', async () => randomUUID()],
  ])('%s is not found', async (_, idOf) => {
    const attemptId = await idOf()
    const data = { code: 'NOT_FOUND', httpStatus: 404 }
    const answer = await askTheSame(JSON.stringify({ attemptId }))
    expect(answer).toMatchObject({ status: 404, said: { error: { message: 'Not found', data } } })
    const asPlain = await askPlainly(`?attemptId=${attemptId}`)
    expect(asPlain).toMatchObject({ status: 404, said: { code: 'NOT_FOUND', message: 'Not found' } })
  })
})

/** Told apart by spaces. */
const noInputs = `5 "x" [] [{}] { {"a"} x undefined {"attemptId":5} {"attemptId":"5"} {"attemptId":null} {"after":""}
  {"after":"${'a'.repeat(65)}"} {"waitSeconds":26} {"waitSeconds":-1} {"waitSeconds":"1"} {"waitSeconds":1e999}
  {"accountId":"x"} {"__proto__":{"after":"x"}}`.split(/\s+/)
const noQueries =
  '?attemptId=5 ?attemptId= ?waitSeconds=x ?waitSeconds= ?after= ?after=a&after=b ?accountId=x ?= ?attemptId=%E0%A4%A'

describe('an input that is none is refused alike', () => {
  it.each(noInputs)('%s', async (input) => {
    expect(await askTheSame(input)).toMatchObject(badRequest)
  })

  it.each([
    ['nothing, which is none', '?input=', 200],
    ['S18: null, which is none', '?input=null', 200],
    ['one that is no text', '?input=%E0%A4%A', 400],
    ['one given twice', '?input={}&input={', 200],
    ['the other one first', '?input={&input={}', 400],
    ['one after something else', '?a=b&input={', 400],
    ['one under another name', '?inputs={', 200],
    ['only the question mark', '?', 200],
    ['one of a batch, which is said last', '?input={"0":{}}&batch=1', 200],
  ])('%s', async (_, query, status) => {
    const { ahead, through } = await askInEveryWay(query, undefined)
    expect(ahead).toEqual(through)
    expect(ahead.status).toBe(status)
  })

  it.each(noQueries.split(' '))('over REST: %s', async (query) => {
    expect(await askPlainly(query)).toMatchObject({ status: 400, said: { code: 'BAD_REQUEST' } })
  })

  it.each(['?', '?waitSeconds=0x1'])('over REST, and one that is none is not: %s', async (query) => {
    expect(await askPlainly(query)).toMatchObject({ status: 200, said: { status: 'pending' } })
  })
})

describe('who asks', () => {
  it.each([
    ['without a token', {}],
    ['with a header that is none', { authorization: 'Bearer' }],
    ['with a token that is none', { authorization: 'Bearer a.b.c' }],
    ['with an input that is none and without a token', {}, '{'],
  ] as const)('AT7: %s is not signed in', async (_, headers, input?: string) => {
    const answer = await askTheSame(input, headers)
    expect(answer).toMatchObject({ status: 401, said: { error: { data: { code: 'UNAUTHORIZED', httpStatus: 401 } } } })
    const asPlain = await askPlainly('', headers)
    expect(asPlain).toMatchObject({ status: 401, said: { code: 'UNAUTHORIZED', message: answer.said.error?.message } })
  })

  it.each([alone, plain])('AT7: with two tokens is not signed in, also when one is good: %s', async (path) => {
    const good = signedIn().authorization
    for (const more of [[], ['origin', theirs]]) {
      for (const tokens of [
        [good, 'Bearer a.b.c'],
        ['Bearer a.b.c', good],
        [good, good],
      ]) {
        const given = tokens.flatMap((token) => ['Authorization', token])
        const { port } = new URL(on.system.origin)
        const asked = request({ port, path, headers: ['host', 'localhost', ...given, ...more] }).end()
        const [answer] = (await once(asked, 'response')) as [IncomingMessage]
        expect(answer.resume().statusCode).toBe(401)
      }
    }
  })

  it('F13: too often is told when to ask again; also what is refused counts, and all ways count as one', async () => {
    for (let call = 0; call < calls; call += 5) {
      expect(await askTheSame('{')).toMatchObject({ status: 400 })
      expect(await askPlainly('?after=')).toMatchObject({ status: 400 })
    }
    const { ahead, through, batch } = await askInEveryWay('?input={', '{')
    const data = { code: 'TOO_MANY_REQUESTS', httpStatus: 429 }
    for (const answer of [ahead, through, batch]) {
      expect(answer).toMatchObject({
        status: 429,
        type: 'application/json',
        caching: 'no-store',
        said: { error: { data } },
      })
      expect(answer.said).toEqual(ahead.said)
      // Each a moment later.
      expect(Number(answer.retryAfter)).toBeGreaterThan(50)
      expect(Number(answer.retryAfter)).toBeLessThanOrEqual(60)
    }
    const asPlain = await told(await get(plain))
    expect(asPlain).toMatchObject({
      status: 429,
      said: { code: 'TOO_MANY_REQUESTS', message: ahead.said.error?.message },
    })
    expect(Number(asPlain.retryAfter)).toBeGreaterThan(50)
  })
})
