import { describe, expect, it } from 'vitest'
import { Redacted } from '../config/redacted.ts'
import { practicesRequest, readPractices } from './authorized-practices.ts'

const receivedAt = new Date()
const reply = (status: number, body: unknown) => ({
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  receivedAt,
})
const item = {
  office_id: 'D00001',
  secret_key: 'secret_key_demo_0001',
  practice_id: '1',
  practice_name: 'Happy Dental Clinic',
  practice_management_system: 'Dentrix',
}
const page = (items: unknown[], total: unknown = items.length) => ({
  offset: '0',
  limit: '50',
  total_count: total,
  items,
})
const first = (items: unknown[]) => readPractices(reply(200, page(items)), 0).practices[0]

describe('a page of practices', () => {
  it('gives office, secret key, name and system', () => {
    const practice = first([item])
    expect(practice).toMatchObject({
      officeId: 'D00001',
      practiceId: '1',
      practiceName: 'Happy Dental Clinic',
      pmsType: 'Dentrix',
    })
    expect(practice?.secretKey.reveal()).toBe('secret_key_demo_0001')
  })

  it('may be wrapped in an array', () => {
    expect(readPractices(reply(200, [page([item])]), 0).practices).toHaveLength(1)
  })

  it('is empty as 204 without a body, or as an empty list', () => {
    expect(readPractices(reply(204, ''), 0)).toEqual({ practices: [], more: false })
    expect(readPractices(reply(200, page([])), 0)).toEqual({ practices: [], more: false })
  })

  it.each([
    [{ practice_management_system: 'Dentrix', pms_type: 'Other' }, 'Dentrix'],
    [{ practice_management_system: undefined, pms_type: 'Eaglesoft' }, 'Eaglesoft'],
    [{ practice_management_system: '', pms_type: 'Eaglesoft' }, 'Eaglesoft'],
    [{ practice_management_system: undefined }, 'Unknown'],
  ])('takes the system from %j', (fields, pmsType) => {
    expect(first([{ ...item, ...fields }])?.pmsType).toBe(pmsType)
  })

  it('F11: takes control and direction characters out of a name, and cuts it at 200', () => {
    expect(first([{ ...item, practice_name: 'Happy\u202e\r\nDental\u0000' }])?.practiceName).toBe('Happy Dental')
    expect(first([{ ...item, practice_name: 'x'.repeat(10_000) }])?.practiceName).toHaveLength(200)
    expect(first([{ ...item, practice_name: '<img onerror>' }])?.practiceName).toBe('<img onerror>')
  })

  it('F43: brings the office to its normal form', () => {
    expect(first([{ ...item, office_id: ' d00001 ' }])?.officeId).toBe('D00001')
    expect(first([{ ...item, office_id: 12345 }])?.officeId).toBe('12345')
  })

  it.each([
    ['F43: without an office', page([{ ...item, office_id: undefined }])],
    ['F43: with an empty office', page([{ ...item, office_id: '  ' }])],
    ['F44: without a secret key', page([{ ...item, secret_key: undefined }])],
    ['without items', { total_count: 0 }],
    ['HTML', '<html>'],
  ])('%s is no answer', (_, body) => {
    expect(() => readPractices(reply(200, body), 0)).toThrow(expect.objectContaining({ code: 'BAD_RESPONSE' }))
  })

  it.each([
    [401, { error_code: 'API2007' }, 'PROVIDER_ERROR'],
    [401, '', 'PROVIDER_ERROR'],
    [500, { error_code: 'API2010' }, 'PROVIDER_UNAVAILABLE'],
    [412, { error_code: 'API2017' }, 'PROVIDER_UNAVAILABLE'],
    [429, '', 'PROVIDER_UNAVAILABLE'],
    [302, '', 'BAD_RESPONSE'],
  ])('HTTP %i with %j is %s', (status, body, code) => {
    expect(() => readPractices(reply(status, body), 0)).toThrow(expect.objectContaining({ code }))
  })
})

describe('pages', () => {
  const full = Array.from({ length: 50 }, () => item)

  it.each([
    [full, 60, 0, true],
    [full, '60', 0, true],
    [full, 50, 0, false],
    [full, null, 0, true],
    [full.slice(0, 10), 60, 1, false],
    [full.slice(0, 10), null, 0, false],
  ])('go on while there are more (case %#)', (items, total, number, more) => {
    expect(readPractices(reply(200, page(items, total)), number).more).toBe(more)
  })

  it('are asked for by number, with the key in a header and not in the address', () => {
    const [url, init] = practicesRequest('https://api.example', new Redacted('request_key_demo_0001'), 1)
    expect(url.href).toBe('https://api.example/v4/authorized_practices?limit=50&offset=1')
    expect(new Headers(init.headers).get('request-key')).toBe('request_key_demo_0001')
  })
})
