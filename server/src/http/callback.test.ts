import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { Hono } from 'hono'
import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import { Refusal } from './api-error-code.ts'
import { attemptCookies } from './attempt-cookie.ts'
import { callbackRoutes, misspelledCallback } from './callback.ts'
import { requestContext, type EdgeEnvironment } from './request-context.ts'

let lines: string[]
beforeEach(() => {
  lines = []
})

type Parts = Parameters<typeof callbackRoutes>[0]

function edge(own: Partial<Parts>) {
  const parts: Parts = {
    receiveCallback: async () => ({ kind: 'connecting', attemptId: 'attempt-1' }),
    recognizeReturn: () => undefined,
    track: () => undefined,
    limit: () => undefined,
    addressOf: () => '203.0.113.7',
    cookies: attemptCookies({ secure: true }),
    appBaseUrl: 'https://app.example.com',
    ...own,
  }
  return new Hono<EdgeEnvironment>()
    .use(requestContext(pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) })))
    .route('/', callbackRoutes(parts))
    .route('/', misspelledCallback(parts))
}

/** Node's request and response, as the server hands them on. */
function node() {
  const incoming = new IncomingMessage(new Socket())
  return { incoming, outgoing: new ServerResponse(incoming) }
}

const failing = (): never => {
  throw new Error('demo')
}
const page = 'https://app.example.com/agent/setup/pms'
const search = '?code=c&state=s'

describe('S23: a person who comes back from Sikka is sent to the page', () => {
  it.each([
    ['the limit fails', { limit: failing }, '/pms/sikka/oauth/callback'],
    ['its recognition fails', { recognizeReturn: failing }, '/pms/sikka/oauth/callback'],
    ['the address cannot be had', { addressOf: failing }, '/agent/setup/pms/callback'],
    ['the receiving fails', { receiveCallback: async () => failing() }, '/pms/sikka/oauth/callback/'],
    ['the limit fails, of a misspelled address', { limit: failing }, '//pms/sikka/oauth/callback'],
  ] as [string, Partial<Parts>, string][])('S23: when %s', async (_, own, path) => {
    const response = await edge(own).request(path + search, {}, node())
    expect([response.status, response.headers.get('location')]).toEqual([303, `${page}?error=temporarily_unavailable`])
    expect(
      lines.some((line) => line.includes('"level":50') && line.includes('callback not answered as it should be')),
    ).toBe(true)
  })

  it('S23: when too many came, with the time after which to try again', async () => {
    const limit = (): never => {
      throw new Refusal('TOO_MANY_REQUESTS', { retryAfter: 17 })
    }
    const response = await edge({ limit }).request(`/pms/sikka/oauth/callback${search}`, {}, node())
    expect([response.status, response.headers.get('location')]).toEqual([303, `${page}?error=too_many_requests`])
    expect(response.headers.get('retry-after')).toBe('17')
    expect(lines.some((line) => line.includes('"level":50'))).toBe(false)
  })
})

it('T14: a callback that an attempt may have led to is counted by that attempt, before anything is asked of the database', async () => {
  const counted: object[] = []
  const limit = (from: object) => void counted.push(from)
  const known = { attemptId: 'attempt-1', meanwhile: { kind: 'connecting', attemptId: 'attempt-1' } } as const
  await edge({ limit, recognizeReturn: () => known }).request(`/pms/sikka/oauth/callback${search}`, {}, node())
  await edge({ limit }).request(`/pms/sikka/oauth/callback${search}`, {}, node())
  expect(counted).toEqual([{ attemptId: 'attempt-1' }, { address: '203.0.113.7' }])
})
