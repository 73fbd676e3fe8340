import { describe, expect, it } from 'vitest'
import { restSaid, windowSaid } from './rate-limit-headers.ts'

const receivedAt = new Date('2026-03-01T12:00:00.000Z')
const remaining = (left: string, reset?: string) => ({
  'x-rate-limit-remaining': left,
  ...(reset === undefined ? {} : { 'x-rate-limit-reset': reset }),
})

describe('F34: what an answer says of the application’s limit', () => {
  it.each([
    [200, {}, undefined, undefined],
    [200, remaining('3', '12'), 3, 12_000],
    [200, remaining('3'), 3, undefined],
    [200, remaining('0', '12'), 0, 12_000],
    [200, remaining(' 0 ', ' 12 '), 0, 12_000],
    [200, { ...remaining('0'), 'retry-after': '9' }, 0, 9_000],
    [200, { 'retry-after': '9' }, undefined, undefined],
    [400, remaining('0', '12'), 0, 12_000],
    [429, { 'x-rate-limit-reset': '12' }, 0, 12_000],
    [429, remaining('3', '12'), 0, 12_000],
    [429, { 'retry-after': '9', 'x-rate-limit-reset': '12' }, 0, 12_000],
    [429, { 'retry-after': '15', 'x-rate-limit-reset': '12' }, 0, 15_000],
    [429, { 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }, 0, 30_000],
    [302, { 'retry-after': '9' }, undefined, undefined],
  ])('HTTP %i with %j: %s calls left, for %s milliseconds', (status, headers, left, endsIn) => {
    expect(windowSaid({ status, headers, receivedAt })).toEqual({ plan: undefined, left, endsIn })
  })

  it.each([
    ['huge', '999999999', 60_000],
    ['two minutes', '120', 60_000],
    ['zero', '0', 1_000],
    ['negative', '-5', 5_000],
    ['in another form', '1e9', 5_000],
    ['empty', '', 5_000],
    ['there twice', ['12', '13'], 5_000],
  ])('T12: a reset that is %s is bounded', (_, reset, endsIn) => {
    const headers = { 'x-rate-limit-reset': reset }
    expect(windowSaid({ status: 429, headers, receivedAt })).toMatchObject({ left: 0, endsIn })
    const last = { ...headers, 'x-rate-limit-remaining': '0' }
    expect(windowSaid({ status: 200, headers: last, receivedAt })).toMatchObject({ left: 0, endsIn })
  })

  it.each([
    ['soon', 5_000],
    ['Sun, 01 Mar 2026 11:59:00 GMT', 1_000],
    ['120', 60_000],
  ])('T12: so is a Retry-After of %s', (after, endsIn) => {
    expect(windowSaid({ status: 429, headers: { 'retry-after': after }, receivedAt })).toMatchObject({ endsIn })
  })

  it.each([
    ['5', 5],
    ['0', undefined],
    ['-1', undefined],
    ['many', undefined],
  ])('a plan of %s calls is %s', (plan, expected) => {
    expect(windowSaid({ status: 200, headers: { 'x-rate-limit-limit': plan }, receivedAt }).plan).toBe(expected)
  })
})

it.each([
  [503, { 'retry-after': '9' }, 9_000],
  [503, { 'retry-after': '3600' }, 60_000],
  [503, { 'x-rate-limit-reset': '12' }, undefined],
  [500, { 'retry-after': '9' }, undefined],
])('F34: HTTP %i with %j asks its caller to rest for %s milliseconds', (status, headers, rest) => {
  expect(restSaid({ status, headers, receivedAt })).toBe(rest)
})
