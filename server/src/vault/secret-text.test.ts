import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Redacted } from '../config/redacted.ts'
import { grantText, practiceText, readGrantText, readPracticeText } from './secret-text.ts'

const keys = {
  officeId: 'D10001',
  secretKey: new Redacted('canary-secret'),
  requestKey: new Redacted('canary-request'),
  refreshKey: new Redacted('canary-refresh'),
  tokenExpiry: new Date('2026-11-22T10:00:00.125Z'),
  practiceName: 'Sunrise "Dental" 🦷\u2028\ud800',
  practiceId: '1',
  pmsType: 'Dentrix',
}
const written = JSON.parse(practiceText(keys)) as Record<string, unknown>

function failureOf(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return error
  }
}

describe('the text of a practice', () => {
  it('has its fields in one order, whatever the order of the keys (F53)', () => {
    const { pmsType, practiceId, ...rest } = keys
    expect(practiceText({ pmsType, practiceId, ...rest })).toBe(practiceText(keys))
    expect(Object.keys(written)).toEqual([
      'officeId',
      'secretKey',
      'requestKey',
      'refreshKey',
      'tokenExpiry',
      'practiceName',
      'practiceId',
      'pmsType',
    ])
  })

  it('is read as it was written, with a refresh key or without', () => {
    expect(readPracticeText(practiceText(keys))).toEqual(keys)
    expect(readPracticeText(practiceText(keys)).secretKey.reveal()).toBe('canary-secret')
    const bare = { ...keys, refreshKey: undefined }
    expect(JSON.parse(practiceText(bare))).toMatchObject({ refreshKey: null })
    expect(readPracticeText(practiceText(bare))).toEqual(bare)
  })

  it('A11: has the office as Sikka wrote it, which is compared in another form', () => {
    const text = practiceText({ ...keys, officeId: 'D1000A', writtenOfficeId: 'd1000A' })
    expect(JSON.parse(text)).toMatchObject({ officeId: 'd1000A' })
    expect(readPracticeText(text)).toMatchObject({ officeId: 'D1000A', writtenOfficeId: 'd1000A' })
  })

  it('may have fields that a later version of the server writes (F87)', () => {
    expect(readPracticeText(JSON.stringify({ ...written, region: 'ca' }))).toEqual(keys)
  })

  it.each([
    ['nothing', undefined],
    ['no text', ''],
    ['half of it', practiceText(keys).slice(0, 40)],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"canary-secret"'],
    ['nothing in it', '{}'],
    ['a number for a key', JSON.stringify({ ...written, secretKey: 17 })],
    ['an empty key', JSON.stringify({ ...written, requestKey: '' })],
    ['an empty office', JSON.stringify({ ...written, officeId: '' })],
    ['no refresh key, not even null', JSON.stringify({ ...written, refreshKey: undefined })],
    ['no time', JSON.stringify({ ...written, tokenExpiry: 'tomorrow' })],
    ['a day that is none', JSON.stringify({ ...written, tokenExpiry: '2026-02-30T10:00:00.000Z' })],
    ['a time without a zone', JSON.stringify({ ...written, tokenExpiry: '2026-11-22T10:00:00' })],
    ['no practice name', JSON.stringify({ ...written, practiceName: null })],
  ])('is unreadable with %s, and the failure tells nothing of what is there (F58)', (_, text) => {
    const failure = failureOf(() => readPracticeText(text))
    expect(failure).toMatchObject({ code: 'KEYS_UNREADABLE' })
    expect(failure).toMatchObject({ message: expect.stringMatching(/^Stored keys are not in our form: [a-zA-Z, ]+$/) })
    expect(inspect(failure, { showHidden: true, depth: 9 })).not.toContain('canary')
  })

  it('says which fields are wrong', () => {
    expect(() => readPracticeText(JSON.stringify({ ...written, officeId: 7, pmsType: null }))).toThrow(
      'Stored keys are not in our form: officeId, pmsType',
    )
  })
})

describe('the text of a grant', () => {
  const grant = {
    requestKey: new Redacted('canary-request'),
    refreshKey: new Redacted('canary-refresh'),
    issuedTo: 'D10001',
    expiresAt: new Date('2026-11-22T10:00:00.125Z'),
  }
  const bare = { ...grant, refreshKey: undefined, issuedTo: undefined }

  it.each([grant, bare])('is read as it was written', (one) => {
    expect(readGrantText(grantText(one))).toEqual(one)
  })

  it.each(['', '{}', practiceText(keys)])('is not read from something else (F58)', (text) => {
    expect(() => readGrantText(text)).toThrow(expect.objectContaining({ code: 'KEYS_UNREADABLE' }) as Error)
  })
})
