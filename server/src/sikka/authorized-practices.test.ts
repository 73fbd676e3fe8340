import { describe, expect, it } from 'vitest'
import { Redacted } from '../config/redacted.ts'
import { practicesRequest, readPractices } from './authorized-practices.ts'
import { quickest } from './testing/quickest.ts'

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
    expect(readPractices(reply(204, ''))).toEqual({ listed: [], total: 0, isFull: false })
    expect(readPractices(reply(200, page([])))).toEqual({ listed: [], total: 0, isFull: false })
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

  it.each([
    ['Persian', 'دندان\u200cپزشکی'],
    ['Hindi', 'क्\u200dष दंत'],
    ['of a family of four', '👨\u200d👩\u200d👧\u200d👦 Dental'],
    ['as written', 'Smith &amp; Sons'],
  ])('A8: a name keeps its joiners (%s)', (_, name) => {
    expect(first([{ ...item, practice_name: name }])?.practiceName).toBe(name)
  })

  it.each([
    ['\u200b\u2066Happy\u2069', 'Happy'],
    ['Happy\u202e\u200d\u202dDental', 'Happy \u200d Dental'],
    ['\u200d\u200c', 'Practice'],
    ['', 'Practice'],
    ['  ', 'Practice'],
    [null, 'Practice'],
    [undefined, 'Practice'],
    [{ name: 'Happy' }, 'Practice'],
    [24, '24'],
  ])('A8: the name %j is shown as %j', (name, shown) => {
    expect(first([{ ...item, practice_name: name }])?.practiceName).toBe(shown)
  })

  it.each(['secret_key_demo_0001\r\n', '\t secret_key_demo_0001 ', '\ufeffsecret_key_demo_0001\u00a0'])(
    'A3: the secret key %j is trimmed',
    (secretKey) => {
      expect(first([{ ...item, secret_key: secretKey }])?.secretKey.reveal()).toBe('secret_key_demo_0001')
    },
  )

  it.each([
    ['D00001', 'D00001', undefined],
    [' d00001\r\n', 'D00001', 'd00001'],
    ['d0000A', 'D0000A', 'd0000A'],
    [12345, '12345', undefined],
  ])('A11: the office %j is compared as %s and sent as it was written', (officeId, compared, written) => {
    const practice = first([{ ...item, office_id: officeId }])
    expect(practice).toMatchObject({ officeId: compared })
    expect(practice?.writtenOfficeId).toBe(written)
  })

  it.each([Number.MAX_SAFE_INTEGER + 2, 1e21, 1.5])(
    'A11: %d names no office: JSON cannot hold it exactly',
    (officeId) => {
      expect(first([{ ...item, office_id: officeId }])).toBeUndefined()
    },
  )

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
    expect(first([{ ...item, practice_id: ' ' }])?.practiceId).toBe('1')
    expect(first([{ ...item, practice_id: ' 1-2\n' }])?.practiceId).toBe('1-2')
    expect(first([{ ...item, practice_id: 2 }])?.practiceId).toBe('2')
  })

  it.each([
    ['API2005', 200, { error_code: 'API2005' }],
    ['API2005 in lower case, in an array', 200, [{ error_code: ' api2005 ' }]],
    ['API2005 as an error', 404, { error_code: 'API2005' }],
    ['API2005 beside a list', 200, { ...page([item]), error_code: 'API2005' }],
    ['no body', 200, ''],
    ['blanks', 200, '\r\n'],
    ['an empty array', 200, []],
    ['items: null', 200, { ...page([]), items: null }],
    ['items: ""', 200, { ...page([]), items: '' }],
    ['205', 205, ''],
  ])('A1: is empty as %s', (_, status, body) => {
    expect(readPractices(reply(status, body))).toMatchObject({ listed: [], isFull: false })
  })

  it.each([
    ['a success code', 200, { ...page([item]), error_code: 'API0003' }],
    ['an empty code', 200, { ...page([item]), error_code: '', error: null }],
    ['another 2xx', 203, page([item])],
    ['one item that is no array', 200, { ...page([item]), items: item }],
    ['no envelope', 200, [item]],
  ])('A1: is read with %s', (_, status, body) => {
    expect(readPractices(reply(status, body)).listed).toMatchObject([{ officeId: 'D00001' }])
  })

  it.each([
    ['API4002', 'PROVIDER_UNAVAILABLE', 'unclear'],
    ['API1025', 'BAD_RESPONSE', 'expired_key'],
    ['API2007', 'PROVIDER_ERROR', 'refused'],
    ['API1020', 'CONFIG', 'bad_parameter'],
    ['API1026', 'CONFIG', 'bad_parameter'],
    ['API9999', 'BAD_RESPONSE', undefined],
  ])('A5: is no success with the code %s and HTTP 200, whatever it lists', (errorCode, code, reason) => {
    for (const body of [{ error_code: errorCode }, { ...page([item]), error_code: errorCode }]) {
      expect(() => readPractices(reply(200, body))).toThrow(expect.objectContaining({ code, reason }))
    }
  })

  it('A7: may have no more than 1,000 items', () => {
    const items = (count: number) => reply(200, page(Array.from({ length: count }, () => item)))
    expect(readPractices(items(1_000)).listed).toHaveLength(1_000)
    expect(() => readPractices(items(1_001))).toThrow(expect.objectContaining({ code: 'BAD_RESPONSE' }))
  })

  it.each([
    ['1,000 good items', Array.from({ length: 1_000 }, () => ({ ...item, address_line1: 'x'.repeat(1_500) }))],
    ['1,000 items that cannot be used', Array.from({ length: 1_000 }, () => ({ office_id: [], secret_key: {} }))],
    ['one name of a megabyte', [{ ...item, practice_name: '\u200b'.repeat(333_000) }]],
    ['names of a kilobyte', Array.from({ length: 500 }, () => ({ ...item, practice_name: 'é\u202e'.repeat(500) }))],
  ])('A7: holds up nothing else for 50 ms with %s', (_, items) => {
    const answer = reply(200, page(items))
    expect(quickest(() => readPractices(answer))).toBeLessThan(50)
  })

  it.each([
    ['without items', { total_count: 0 }],
    ['A7: of 690,000 empty items', `{"items":[${'{},'.repeat(690_000)}{}]}`],
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

  it.each([
    [49, 'has room', {}, false],
    [50, 'has the usual number', {}, true],
    [500, 'has as many as we ask for', {}, true],
    [20, 'has as many as Sikka says', { limit: '20' }, true],
    [20, 'has less than Sikka says', { limit: '50' }, false],
    [1, 'says a limit of none', { limit: '0' }, false],
    [20, 'has a next page by its link', { pagination: { next: 'https://api.example/next' } }, true],
    [20, 'has no next page by its link', { pagination: { next: '' } }, false],
    [20, 'has links that cannot be read', { pagination: [] }, false],
  ])('A12: one of %i that %s', (count, _, fields, isFull) => {
    const items = Array.from({ length: count }, () => item)
    expect(readPractices(reply(200, { items, ...fields })).isFull).toBe(isFull)
  })

  it('A9: are asked for by number, with every place of an office, the key in a header and not in the address', () => {
    const [url, init] = practicesRequest('https://api.example', new Redacted('request_key_demo_0001'), 1)
    expect(url.href).toBe('https://api.example/v4/authorized_practices?limit=500&offset=1&show=all')
    expect(new Headers(init.headers).get('request-key')).toBe('request_key_demo_0001')
  })
})
