import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { Redacted } from '../config/redacted.ts'
import { recognizeReturn } from './receive-callback.ts'
import { signState } from './signed-state.ts'
import { attemptIdOf, shortIdOf } from './start-connection.ts'

const keys = [new Redacted(randomBytes(32).toString('base64'))]
const now = 1_800_000_000_000
const nonce = randomBytes(32).toString('base64url')
const accountId = '00000000-0000-4000-8000-000000000001'
const attemptId = attemptIdOf(nonce)

const stateOf = (timestamp: number) => signState({ accountId, timestamp, nonce }, keys)
const withCookie = (shortId: string) => (shortId === shortIdOf(nonce) ? new Redacted('demo') : undefined)
const denied = (state: string) => ({ kind: 'denied', state }) as const

it('S20: the state leads to one attempt, and to a UUID for it', () => {
  expect(attemptId).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  expect(attemptIdOf(nonce)).toBe(attemptId)
  expect(attemptIdOf(randomBytes(32).toString('base64url'))).not.toBe(attemptId)
})

it.each([
  [
    { kind: 'code', code: new Redacted('demo') },
    { kind: 'connecting', attemptId },
  ],
  [{ kind: 'denied' }, { kind: 'refused', code: 'access_denied', attemptId }],
  [{ kind: 'unclear' }, { kind: 'failed', attemptId }],
] as const)('S20: meanwhile %j is answered as it will be', (query, meanwhile) => {
  const recognized = recognizeReturn(keys, { ...query, state: stateOf(now - 1_000) }, withCookie, now)
  expect(recognized).toEqual({ attemptId, meanwhile })
})

it.each([
  ['no cookie for it', denied(stateOf(now)), () => undefined],
  ['a signature of nobody’s', denied(`${stateOf(now).slice(0, -2)}AA`), withCookie],
  ['a state of long ago', denied(stateOf(now - 3_600_001)), withCookie],
])('T14: no attempt of ours is recognized by %s', (_, query, browserToken) => {
  expect(recognizeReturn(keys, query, browserToken, now)).toBeUndefined()
})
