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
const first = (items: unknown[]) => readPractices(reply(200, page(items))).listed[0]?.practice

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

  it('P15: gives city and state, where Sikka says them', () => {
    expect(first([{ ...item, city: 'Ottawa', state: 'ON' }])).toMatchObject({ city: 'Ottawa', state: 'ON' })
    expect(first([{ ...item, city: '', state: 7 }])).toMatchObject({
      city: undefined,
      practiceName: item.practice_name,
    })
  })

  it('may be wrapped in an array', () => {
    expect(readPractices(reply(200, [page([item])])).listed).toHaveLength(1)
  })

  it('is empty as 204 without a body, or as an empty list', () => {
    expect(readPractices(reply(204, ''))).toEqual({ listed: [], total: 0 })
    expect(readPractices(reply(200, page([])))).toEqual({ listed: [], total: 0 })
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
    expect(first([{ ...item, practice_name: 'Happy \ud83d Dental' }])?.practiceName?.isWellFormed()).toBe(true)
    const cut = first([{ ...item, practice_name: `${'a'.repeat(199)}\u{1f600}b` }])?.practiceName
    expect(cut).toBe(`${'a'.repeat(199)}\u{1f600}`)
  })

  it('F43: brings the office to its normal form', () => {
    expect(first([{ ...item, office_id: ' d00001 ' }])?.officeId).toBe('D00001')
    expect(first([{ ...item, office_id: 12345 }])?.officeId).toBe('12345')
  })

  it.each([
    ['F43: without an office', { office_id: undefined }, undefined],
    ['F43: with an empty office', { office_id: '  ' }, undefined],
    ['F43: with an office that no index takes', { office_id: 'D\u00001' }, undefined],
    ['F44: without a secret key', { secret_key: undefined }, 'D00001'],
    ['F44: with a secret key that no header takes', { secret_key: 'secret\nkey' }, 'D00001'],
    ['with a practice id that is none', { practice_id: 'x'.repeat(65) }, 'D00001'],
  ])('%s cannot be used, and is told apart from the others', (_, fields, officeId) => {
    const { listed } = readPractices(reply(200, page([{ ...item, ...fields }, null, item])))
    expect(listed.map((each) => [each.officeId, each.practice !== undefined])).toEqual([
      [officeId, false],
      [undefined, false],
      ['D00001', true],
    ])
  })

  it('takes the first practice for one without a number', () => {
    expect(first([{ ...item, practice_id: null }])?.practiceId).toBe('1')
    expect(first([{ ...item, practice_id: undefined }])?.practiceId).toBe('1')
    expect(first([{ ...item, practice_id: 2 }])?.practiceId).toBe('2')
  })

  it.each([
    ['without items', { total_count: 0 }],
    ['HTML', '<html>'],
  ])('%s is no answer', (_, body) => {
    expect(() => readPractices(reply(200, body))).toThrow(expect.objectContaining({ code: 'BAD_RESPONSE' }))
  })

  it.each([
    [401, { error_code: 'API2007' }, 'PROVIDER_ERROR', 'refused'],
    [401, '', 'PROVIDER_ERROR', undefined],
    [400, { error_code: 'API1025' }, 'BAD_RESPONSE', 'expired_key'],
    [500, { error_code: 'API2010' }, 'PROVIDER_UNAVAILABLE', 'unclear'],
    [412, { error_code: 'API2017' }, 'PROVIDER_UNAVAILABLE', 'unclear'],
    [412, { error: 'temporarily_unavailable' }, 'PROVIDER_UNAVAILABLE', 'unclear'],
    [503, '<html>', 'PROVIDER_UNAVAILABLE', 'unclear'],
    [429, '', 'PROVIDER_UNAVAILABLE', 'limited'],
    [302, '', 'BAD_RESPONSE', undefined],
  ])('HTTP %i with %j is %s, %s', (status, body, code, reason) => {
    expect(() => readPractices(reply(status, body))).toThrow(expect.objectContaining({ code, reason }))
  })
})

describe('pages', () => {
  it.each([
    [60, 60],
    ['60', 60],
    [null, undefined],
    ['many', undefined],
  ])('total_count %j is %s', (total, read) => {
    expect(readPractices(reply(200, page([item], total))).total).toBe(read)
  })

  it('are asked for by number, with the key in a header and not in the address', () => {
    const [url, init] = practicesRequest('https://api.example', new Redacted('request_key_demo_0001'), 1)
    expect(url.href).toBe('https://api.example/v4/authorized_practices?limit=50&offset=1')
    expect(new Headers(init.headers).get('request-key')).toBe('request_key_demo_0001')
  })
})
