import type { ConnectionStatus } from '@pms/shared/connection-status'
import type { ApiErrorCode } from '@pms/shared/errors'
import { readSetupQuery } from '@pms/shared/setup-redirect'
import { describe, expect, test } from 'vitest'
import { asksAccount, lossOf, queryToFollow, setupView, type Heard } from './setup-view.ts'

const mine = '0b5b6f5e-3f0c-4d53-8a39-7a2b6f6d3f11'
const other = '5f8f4f0a-0c2e-4f0d-9a51-0f0d0d3c9b22'
const practice = { practiceName: 'Smile Dental', pmsType: 'Dentrix' }

const silent: Heard = { answer: undefined, failure: undefined }
const unknown: Heard = failing('NOT_FOUND')

function failing(code: 'NOT_FOUND' | 'FORBIDDEN' | 'UNAUTHORIZED' | undefined): Heard {
  return { answer: undefined, failure: { code, requestId: 'req1', retryAfter: 0 } }
}

/** An answer, by the server's clock so many seconds after nine. */
function said(status: ConnectionStatus['status'], more: Partial<ConnectionStatus> = {}, seconds = 0): Heard {
  const timestamp = new Date(Date.parse('2026-11-21T09:00:00Z') + seconds * 1000).toISOString()
  const answer = { isConnected: status === 'connected', status, revision: 'r', timestamp, ...more }
  return { answer, failure: undefined }
}

const about = { attemptId: mine }
const conflict = said('failed', {
  ...about,
  errorCode: 'CONFLICT',
  error: 'This practice is already connected to another account.',
})

function view(search: string, attempt: Heard, account: Heard, deadlinePassed = false) {
  return setupView({ query: readSetupQuery(search), attempt, account, deadlinePassed })
}

describe('without anything in the address', () => {
  test.each([
    ['nothing heard yet', silent, { kind: 'loading' }],
    ['server out of reach', failing(undefined), { kind: 'unreachable' }],
    ['server refuses', failing('FORBIDDEN'), { kind: 'broken', requestId: 'req1' }],
    ['signed out', failing('UNAUTHORIZED'), { kind: 'loading' }],
    ['nothing connected', said('pending'), { kind: 'not-connected' }],
    ['connecting', said('connecting', { ...about, step: 'authorized' }), { kind: 'connecting', step: 'authorized' }],
    ['connected', said('connected', practice), { kind: 'connected', practice }],
    [
      'the connection stopped working',
      said('failed', { ...practice, errorCode: 'PROVIDER_ERROR' }),
      {
        kind: 'failed',
        code: 'PROVIDER_ERROR',
        lost: { ...practice, code: 'PROVIDER_ERROR' },
      },
    ],
  ])('%s', (_case, account, shown) => {
    expect(view('', silent, account)).toEqual(expect.objectContaining(shown))
  })

  test('the deadline passes: not known yet', () => {
    expect(view('', silent, said('connecting', about), true)).toEqual({ kind: 'timed-out', attemptId: mine })
  })

  test('an answer outlives a failure to renew it', () => {
    const account = { ...said('connected', practice), failure: failing(undefined).failure }
    expect(view('', silent, account)).toEqual({ kind: 'connected', practice })
  })
})

describe('the address alone proves nothing', () => {
  test.each([
    ['?status=success', silent, said('pending'), { kind: 'not-connected' }],
    ['?status=connecting', silent, said('pending'), { kind: 'not-connected' }],
    ['?status=error', silent, said('connected', practice), { kind: 'connected', practice }],
    [`?status=success&attempt=${mine}`, conflict, said('pending'), { kind: 'failed', code: 'CONFLICT' }],
    [`?status=error&attempt=${mine}`, said('connected', { ...practice, ...about }), silent, { kind: 'connected' }],
    [`?status=success&attempt=${mine}`, unknown, said('pending'), { kind: 'not-connected' }],
    [`?status=connecting&attempt=${mine}`, unknown, said('connected', practice), { kind: 'connected', practice }],
    [`?status=connecting&attempt=${mine}`, said('pending', about), said('pending'), { kind: 'not-connected' }],
  ])('%s', (search, attempt, account, shown) => {
    expect(view(search, attempt, account)).toMatchObject(shown)
  })
})

describe('an attempt in the address', () => {
  const search = `?status=connecting&attempt=${mine}`

  test.each([
    ['nothing heard yet', silent, silent, { kind: 'loading' }],
    ['server out of reach', failing(undefined), silent, { kind: 'unreachable' }],
    [
      'connecting',
      said('connecting', { ...about, step: 'keys_received' }),
      silent,
      { kind: 'connecting', step: 'keys_received' },
    ],
    ['reconnecting', said('connecting', about), said('connected', practice), { kind: 'connecting' }],
    ['failed', conflict, silent, { kind: 'failed', code: 'CONFLICT', attemptId: mine }],
    ['failed while connected', conflict, said('connected', practice), { kind: 'failed', stillConnected: practice }],
    ['failed, and a newer one runs', conflict, said('connecting', { attemptId: other }, 1), { kind: 'connecting' }],
    ['connected', said('connected', practice), silent, { kind: 'connected', practice }],
    ['connected once, not any more', said('connected', practice), said('pending', {}, 1), { kind: 'not-connected' }],
    ['connected after an older answer', said('connected', practice, 1), said('pending'), { kind: 'connected' }],
  ])('%s', (_case, attempt, account, shown) => {
    expect(view(search, attempt, account)).toMatchObject(shown)
  })

  test('just taken over from the account’s answer: no loading in between', () => {
    expect(view(search, silent, said('connecting', { ...about, step: 'authorized' }))).toEqual({
      kind: 'connecting',
      step: 'authorized',
    })
  })
})

describe('a question', () => {
  const search = `?status=connecting&attempt=${mine}`
  const maple = { id: 'c1', practiceName: 'Maple Street Dental', pmsType: 'Eaglesoft' }
  const lakeside = { id: 'c2', practiceName: 'Lakeside Family Dentistry', pmsType: 'Open Dental' }
  const several = said('connecting', { ...about, choices: [maple, lakeside] })
  const replacing = said('connecting', { ...about, choices: [maple], replaces: 'Smile Dental' })
  const question = { kind: 'replacing', attemptId: mine, choice: maple, replaces: 'Smile Dental' }

  test.each([
    ['which of several', several, { kind: 'choosing', choices: [maple, lakeside], replaces: undefined }],
    ['whether to replace', replacing, question],
    [
      'which of several, one to be replaced',
      said('connecting', { ...about, choices: [maple, lakeside], replaces: 'Smile Dental' }),
      { kind: 'choosing', replaces: 'Smile Dental' },
    ],
    ['of no attempt cannot be answered', said('connecting', { choices: [maple] }), { kind: 'connecting' }],
    ['without choices is none', said('connecting', { ...about, choices: [] }), { kind: 'connecting' }],
  ])('%s', (_case, attempt, shown) => {
    expect(view(search, attempt, silent)).toMatchObject(shown)
  })

  test('stays open past a deadline that the page has not heard about again', () => {
    expect(view(search, several, silent, true)).toMatchObject({ kind: 'choosing' })
  })

  test('stands beside a refusal', () => {
    expect(view('?error=access_denied', silent, replacing)).toMatchObject({ ...question, refused: 'access_denied' })
  })
})

describe('a connection that has stopped working', () => {
  const stopped = said('failed', { ...practice, errorCode: 'RECONNECT_REQUIRED' })
  const lost = { ...practice, code: 'RECONNECT_REQUIRED' }
  test.each([
    ['is said', '', silent],
    ['is said beside an attempt that failed', `?status=error&attempt=${mine}`, conflict],
    ['is said beside a refusal', '?error=access_denied', silent],
  ])('%s', (_case, search, attempt) => {
    expect(view(search, attempt, stopped)).toMatchObject({ kind: 'failed', lost })
  })
})

describe('P3: the loss of a connection', () => {
  const stopped = said('failed', { ...practice, errorCode: 'RECONNECT_REQUIRED' })
  test.each([
    ['is all there is to say', '', silent, stopped, practice],
    [
      'is, after the attempt that once made it',
      `?status=connecting&attempt=${mine}`,
      said('failed', { ...practice, ...about, errorCode: 'RECONNECT_REQUIRED' }),
      stopped,
      practice,
    ],
    ['is not, beside an attempt that failed', `?status=error&attempt=${mine}`, conflict, stopped, undefined],
    ['is not, beside a refusal', '?error=access_denied', silent, stopped, undefined],
    ['is none, where an attempt failed', `?status=error&attempt=${mine}`, conflict, said('pending'), undefined],
  ])('%s', (_case, search, attempt, account, loss) => {
    const shown = lossOf(view(search, attempt, account))
    expect(shown && { practiceName: shown.practiceName, pmsType: shown.pmsType }).toEqual(loss)
  })
})

describe('P11: while no first answer comes', () => {
  const refused = (code: ApiErrorCode, retryAfter = 0): Heard => ({
    answer: undefined,
    failure: { code, requestId: 'req1', retryAfter },
  })
  test.each([
    ['at the limit', refused('TOO_MANY_REQUESTS', 20_000), { kind: 'unreachable', trouble: 'busy' }],
    ['503', refused('SERVICE_UNAVAILABLE'), { kind: 'unreachable', trouble: 'unreachable' }],
    ['no network', { ...silent, offline: true }, { kind: 'unreachable', trouble: 'offline' }],
    ['401', refused('UNAUTHORIZED'), { kind: 'loading' }],
  ])('%s: one state says why', (_case, account, shown) => {
    expect(view('', silent, account)).toEqual(shown)
  })
})

test('P2: a reason that only a newer server knows is told in general words', () => {
  const newer = said('failed', { ...about, errorCode: 'NEWER' as 'CONFLICT' })
  expect(view(`?status=error&attempt=${mine}`, newer, silent)).toMatchObject({ kind: 'failed', code: 'INTERNAL' })
})

describe('a callback that was refused', () => {
  test.each([
    ['?error=access_denied', said('pending'), { kind: 'failed', code: 'access_denied' }],
    ['?error=invalid_state', said('pending'), { kind: 'failed', code: 'invalid_state' }],
    ['?error=expired_state', said('pending'), { kind: 'failed', code: 'expired_state' }],
    ['?error=invalid_request', said('pending'), { kind: 'failed', code: 'invalid_request' }],
    ['?error=too_many_requests', said('pending'), { kind: 'failed', code: 'too_many_requests' }],
    ['?error=temporarily_unavailable', said('pending'), { kind: 'failed', code: 'temporarily_unavailable' }],
    ['?error=access_denied', said('failed', { errorCode: 'INTERNAL' }), { kind: 'failed', code: 'access_denied' }],
    ['?error=access_denied', said('connected', practice), { kind: 'connected', practice, refused: 'access_denied' }],
    ['?error=invalid_state', said('connecting', about), { kind: 'connecting', refused: 'invalid_state' }],
    ['?error=access_denied', silent, { kind: 'loading' }],
    ['?error=made_up', said('pending'), { kind: 'not-connected' }],
  ])('%s', (search, account, shown) => {
    expect(view(search, silent, account)).toMatchObject(shown)
  })

  test.each([
    [
      'its attempt says the same',
      said('failed', { ...about, errorCode: 'ACCESS_DENIED' }),
      { code: 'ACCESS_DENIED', attemptId: mine },
    ],
    ['its attempt says otherwise', conflict, { code: 'CONFLICT', attemptId: mine }],
    ['its attempt is unknown', unknown, { code: 'access_denied', attemptId: undefined }],
  ])('%s', (_case, attempt, shown) => {
    expect(view(`?error=access_denied&attempt=${mine}`, attempt, said('pending'))).toMatchObject({
      kind: 'failed',
      ...shown,
    })
  })

  test('denied while connected: the connection is not lost', () => {
    const attempt = said('failed', { ...about, errorCode: 'ACCESS_DENIED' })
    const shown = view(`?error=access_denied&attempt=${mine}`, attempt, said('connected', practice))
    expect(shown).toMatchObject({ kind: 'failed', code: 'ACCESS_DENIED', stillConnected: practice })
  })
})

describe('the account is asked', () => {
  const attemptSearch = `?status=connecting&attempt=${mine}`
  test.each([
    ['without an attempt', '', silent, true],
    ['not before the attempt has answered', attemptSearch, silent, false],
    ['not while the attempt runs', attemptSearch, said('connecting', about), false],
    ['when the attempt is over', attemptSearch, conflict, true],
    ['when the attempt is unknown', attemptSearch, unknown, true],
    ['not while the server is out of reach', attemptSearch, failing(undefined), false],
  ])('%s', (_case, search, attempt, asks) => {
    expect(asksAccount(readSetupQuery(search), attempt)).toBe(asks)
  })
})

describe('an attempt that only the account’s answer speaks of is followed', () => {
  const running = said('connecting', { attemptId: other })
  const followed = { kind: 'connecting', attemptId: other }
  test.each([
    ['from an empty address', '', silent, running, followed],
    ['from an older success', '?status=success', silent, running, followed],
    ['after the attempt of the address', `?status=error&attempt=${mine}`, conflict, running, followed],
    [
      'with the refusal beside it',
      '?error=invalid_state',
      silent,
      running,
      { kind: 'refused', code: 'invalid_state', attemptId: other },
    ],
    ['not when it is the one of the address', `?status=error&attempt=${other}`, conflict, running, undefined],
    [
      'not while the attempt of the address runs',
      `?status=connecting&attempt=${mine}`,
      said('connecting', about),
      running,
      undefined,
    ],
    ['not when nothing runs', '', silent, said('connected', practice), undefined],
    ['not when the server does not name it', '', silent, said('connecting'), undefined],
  ])('%s', (_case, search, attempt, account, query) => {
    expect(queryToFollow({ query: readSetupQuery(search), attempt, account })).toEqual(query)
  })
})
