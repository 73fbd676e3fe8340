import type { ConnectionStatus } from '@pms/shared/connection-status'
import { describe, expect, test } from 'vitest'
import type { ApiFailure } from '../api/api-failure.ts'
import { isWaiting, newerAnswer, nextPoll, statusInput, timeLeft, type PollFacts } from './next-poll.ts'

const attemptId = '0b5b6f5e-3f0c-4d53-8a39-7a2b6f6d3f11'

function status(said: Partial<ConnectionStatus>): ConnectionStatus {
  return { isConnected: false, status: 'pending', revision: 'r1', timestamp: '2026-11-21T09:00:00.000Z', ...said }
}

const connecting = status({ status: 'connecting', deadline: '2026-11-21T09:00:40.000Z' })
const connected = status({ status: 'connected', isConnected: true })
/** It ended after its 25 seconds, without news. */
const held: Partial<PollFacts> = { follows: true, holds: false, answeredAt: 125_000 }
const overdue = status({ status: 'connecting', deadline: '2026-11-21T08:59:59.000Z' })

/** Asked at 100 s, answered at 100.2 s, by the browser's clock. */
function facts(known: Partial<PollFacts>): PollFacts {
  return {
    answer: undefined,
    answeredAt: 100_200,
    failure: undefined,
    failedAt: 0,
    failures: 0,
    jitter: 0,
    askedAt: 100_000,
    holds: false,
    follows: false,
    ...known,
  }
}

function failing(failures: number, failure: Partial<ApiFailure> = {}): Partial<PollFacts> {
  return { failure: { code: undefined, requestId: undefined, retryAfter: 0, ...failure }, failures, failedAt: 200_000 }
}

describe('the next request is sent', () => {
  test.each<[string, Partial<PollFacts>, number | 'never']>([
    ['not by itself before the first answer', {}, 'never'],
    ['not by itself when nothing is in progress', { answer: status({ status: 'pending' }) }, 'never'],
    ['not by itself when connected', { answer: status({ status: 'connected', isConnected: true }) }, 'never'],
    ['not by itself when failed', { answer: status({ status: 'failed' }) }, 'never'],
    ['at once, to be held, after news', { answer: connecting, holds: true }, 100_100],
    ['slowly after the deadline, also when held', { answer: overdue, holds: true }, 110_200],
    ['a second after the one before, when that was not held', { answer: connecting }, 101_000],
    ['a second after the one before, without a deadline', { answer: status({ status: 'connecting' }) }, 101_000],
    ['slowly after the deadline', { answer: overdue }, 110_200],
    ['P4: at once, to be held, about a connected account', { answer: connected, follows: true, holds: true }, 100_100],
    ['P4: at once after a request about a settled account that was held', { answer: connected, ...held }, 110_000],
    ['P4: slowly at a server that does not hold', { answer: connected, follows: true }, 110_000],
    [
      'P4: after a failure to ask about a settled account',
      { answer: connected, follows: true, ...failing(2) },
      202_000,
    ],
    ['1 s after a failure', { answer: connecting, ...failing(1) }, 201_000],
    ['2 s after the second failure in a row', { answer: connecting, ...failing(2) }, 202_000],
    ['8 s after the fourth', { answer: connecting, ...failing(4) }, 208_000],
    ['15 s after any later one', { answer: connecting, ...failing(40) }, 215_000],
    ['up to a quarter later, not all pages at once', { answer: connecting, ...failing(1), jitter: 1 }, 201_250],
    ['after a failure before the first answer', failing(1), 201_000],
    [
      'when Retry-After is over',
      { answer: connecting, ...failing(1, { code: 'TOO_MANY_REQUESTS', retryAfter: 7_000 }) },
      207_000,
    ],
    [
      'with the usual pause when Retry-After is shorter',
      failing(4, { code: 'TOO_MANY_REQUESTS', retryAfter: 1_000 }),
      208_000,
    ],
    ['after our own server’s failure', failing(1, { code: 'INTERNAL_SERVER_ERROR' }), 201_000],
    ['not by itself after a refusal', { answer: connecting, ...failing(1, { code: 'FORBIDDEN' }) }, 'never'],
    ['not by itself for an unknown attempt', failing(1, { code: 'NOT_FOUND' }), 'never'],
    ['not by itself when signed out', failing(1, { code: 'UNAUTHORIZED' }), 'never'],
    [
      'not by itself when a settled answer could not be renewed',
      { answer: status({ status: 'failed' }), ...failing(1) },
      'never',
    ],
  ])('%s', (_case, known, at) => {
    expect(nextPoll(facts(known))).toBe(at)
  })
})

test.each([
  ['the account, answered at once', undefined, undefined, undefined],
  ['an attempt, answered at once', attemptId, undefined, { attemptId }],
  ['the account, held', undefined, connecting, { after: 'r1', waitSeconds: 25 }],
  ['an attempt, held', attemptId, connecting, { attemptId, after: 'r1', waitSeconds: 25 }],
])('asks about %s', (_case, about, known, input) => {
  expect(statusInput(about, known)).toEqual(input)
})

test('F9: an older answer never overwrites a newer one', () => {
  const older = status({ timestamp: '2026-11-21T09:00:00.000Z', revision: 'a' })
  const newer = status({ timestamp: '2026-11-21T09:00:00.001Z', revision: 'b' })
  expect(newerAnswer(older, newer)).toBe(newer)
  expect(newerAnswer(newer, older)).toBe(newer)
  expect(newerAnswer(undefined, older)).toBe(older)
})

test.each([
  ['while connecting', connecting, 40_000],
  ['after the deadline', overdue, -1_000],
  ['without a deadline', status({ status: 'connecting' }), undefined],
  ['when no longer connecting', status({ status: 'failed', deadline: '2026-11-21T09:00:40.000Z' }), undefined],
])('time left %s', (_case, answer, left) => {
  expect(timeLeft(answer)).toBe(left)
})

test.each([
  ['connecting', false, true],
  ['pending', false, false],
  ['pending', true, true],
  ['connected', false, false],
  ['connected', true, true],
  ['failed', true, true],
] as const)('P4: %s, of an account: %s, waits: %s', (name, follows, waits) => {
  expect(isWaiting(status({ status: name }), follows)).toBe(waits)
})
