import { describe, expect, test } from 'vitest'
import type { Scenario } from './scenario.ts'
import { applicationHeaders, officeIds, outcome, record, sikkaForTest } from './test-application.ts'

describe('authorized_practices', () => {
  test('answers the documented envelope and item', async () => {
    await using sikka = await sikkaForTest()
    const { requestKey } = await sikka.connect()
    const page = (number: number) => `${sikka.origin}/v4/authorized_practices?offset=${number}&limit=50`
    expect(await record(await sikka.practices(requestKey))).toEqual({
      offset: '0',
      limit: '50',
      total_count: '1',
      execution_time: expect.any(String) as string,
      pagination: { first: page(0), previous: '', current: page(0), next: '', last: page(0) },
      items: [
        {
          href: `${sikka.origin}/v4/authorized_practices/D00001`,
          office_id: 'D00001',
          secret_key: expect.stringMatching(/^secretkeydemo\d{19}$/) as string,
          practice_id: '1',
          practice_name: 'Happy Dental Clinic',
          practice_management_system: 'Dentrix',
          practice_management_system_version: '1.0',
          practice_management_system_refresh_date: expect.any(String) as string,
          practice_management_system_refresh_date_time_zone: 'Eastern Standard Time',
          domain: 'Dental',
          address: '1 Sandbox Street',
          city: 'Nowhere',
          state: '',
          zip: '00000',
          email: '',
          data_insert_date: expect.any(String) as string,
          data_synchronization_date: expect.any(String) as string,
        },
      ],
    })
  })

  test.each([
    ['no key', {}, '400 API1004'],
    ['a key that was never issued', { 'request-key': 'requestkeydemo' }, '400 API1026'],
    ['a wrong application key', { ...applicationHeaders, 'app-key': 'key_demo_0002' }, '401 API2003'],
    ['half of the application', { 'app-id': applicationHeaders['app-id'] }, '400 API1002'],
    ['the application', applicationHeaders, '200 ok'],
    ['the application and a wrong request key', { ...applicationHeaders, 'request-key': 'no' }, '400 API1026'],
  ])('with %s', async (_, headers, answered) => {
    await using sikka = await sikkaForTest()
    expect(await outcome(await sikka.call('/v4/authorized_practices', headers))).toBe(answered)
    expect(sikka.calls.authorizedPractices).toBe(1)
  })

  test('counts pages by offset, and has the right practice of 60 on the second (AT26)', async () => {
    await using sikka = await sikkaForTest()
    sikka.setScenario({ practices: 'many' })
    const { requestKey } = await sikka.connect()
    const first = await sikka.practices(requestKey)
    const { total_count: total, pagination } = (await first.clone().json()) as {
      total_count: string
      pagination: { next: string }
    }
    expect(total).toBe('60')
    expect(await officeIds(first)).toSatisfy((ids: unknown[]) => ids.length === 50 && !ids.includes('D00001'))
    const second = await officeIds(await fetch(pagination.next, { headers: { 'request-key': requestKey } }))
    expect(second).toHaveLength(10)
    expect(second).toContain('D00001')
    expect(await outcome(await sikka.practices(requestKey, '?offset=2'))).toBe('204 ok')
    expect(await officeIds(await sikka.practices(requestKey, '?limit=60'))).toHaveLength(60)
    expect(await outcome(await sikka.practices(requestKey, '?offset=-1'))).toBe('400 API1020')
  })

  test('lists practice 1 of an office, and the others with show=all', async () => {
    await using sikka = await sikkaForTest()
    const { requestKey } = await sikka.connect()
    const { items } = (await (await sikka.practices(requestKey, '?show=all')).json()) as {
      items: { practice_id: string }[]
    }
    expect(items.map((item) => item.practice_id)).toEqual(['1', '1-1'])
  })
})

describe('pages and places', () => {
  async function pagesOf(scenario: Partial<Scenario>, queries: string[]): Promise<string[]> {
    await using sikka = await sikkaForTest()
    sikka.setScenario(scenario)
    const { requestKey } = await sikka.connect()
    const pages: string[] = []
    for (const query of queries) {
      const answer = await sikka.practices(requestKey, query)
      if (answer.status === 204) {
        pages.push('204')
        continue
      }
      const { items, total_count: total } = (await answer.json()) as {
        items: Record<string, string>[]
        total_count?: string
      }
      pages.push(`${items[0]?.['office_id']} ${items[0]?.['practice_id']} +${items.length - 1} of ${total}`)
    }
    return pages
  }
  const three = ['?offset=0', '?offset=1', '?offset=2']
  const many = { practices: 'many_others', manyOffices: 120 } as const

  test.each([
    ['A12', many, three, ['D01001 1 +49 of 120', 'D01051 1 +49 of 120', 'D01101 1 +19 of 120']],
    ['A12', { ...many, totalCount: 'missing' }, ['?offset=2'], ['D01101 1 +19 of undefined']],
    ['A12', { ...many, totalCount: 'of_page' }, ['?offset=2'], ['D01101 1 +19 of 20']],
    ['A12', { ...many, totalCount: 'too_high' }, ['?offset=3', '?offset=2'], ['204', 'D01101 1 +19 of 170']],
    ['A12', { ...many, pages: 'gap' }, three, ['D01001 1 +49 of 120', '204', 'D01051 1 +49 of 120']],
    ['A12', { ...many, pages: 'at_most_50' }, ['?limit=500'], ['D01001 1 +49 of 120']],
    ['A7', { ...many, pages: 'offset_ignored' }, three.slice(1), ['D01001 1 +49 of 120', 'D01001 1 +49 of 120']],
    ['A7', { pages: 'endless' }, ['?offset=100'], ['D06001 1 +49 of 1']],
    ['A9', { places: 'second_only' }, ['', '?show=all'], ['204', 'D00001 2 +0 of 1']],
    ['A9', { places: 'unnumbered' }, ['?show=all'], ['D00001 undefined +0 of 1']],
    ['A2', { places: 'unnumbered', absentValues: 'empty_text' }, [''], ['D00001  +0 of 1']],
  ] satisfies [string, Partial<Scenario>, string[], string[]][])('%s: %o', async (_, scenario, queries, pages) => {
    expect(await pagesOf(scenario, queries)).toEqual(pages)
  })

  test.each([
    ['api2005', '200 API2005'],
    ['401', '401 API2007'],
    ['204', '204 ok'],
    ['items_null', '200 ok'],
    ['list', '200 ok'],
  ] as const)('A1: none as %s', async (empty, answered) => {
    await using sikka = await sikkaForTest()
    sikka.setScenario({ practices: 'none', empty })
    const { requestKey } = await sikka.connect()
    expect(await outcome(await sikka.practices(requestKey))).toBe(answered)
  })

  test.each([
    ['array', '[]'],
    ['nothing', ''],
  ] as const)('A1: none as %s', async (empty, body) => {
    await using sikka = await sikkaForTest()
    sikka.setScenario({ practices: 'none', empty })
    const { requestKey } = await sikka.connect()
    expect(await (await sikka.practices(requestKey)).text()).toBe(body)
  })
})

describe('what the list holds', () => {
  test.each([
    ['one', ['D00001']],
    ['several', ['D01001', 'D01002', 'D00001']],
    ['duplicated', ['D00001', 'D00001']],
    ['others_only', ['D01001', 'D01002']],
  ] as const)('%s', async (practices, ids) => {
    await using sikka = await sikkaForTest()
    sikka.setScenario({ practices })
    const { requestKey } = await sikka.connect()
    expect(await officeIds(await sikka.practices(requestKey))).toEqual(ids)
  })

  test("every office of the application, this user's not first", async () => {
    await using sikka = await sikkaForTest()
    sikka.setScenario({ list: 'application' })
    await sikka.connect({ practice: 'D00002' })
    const { requestKey } = await sikka.connect()
    const expected = ['D00901', 'D00002', 'D00001', 'D00902']
    expect(await officeIds(await sikka.practices(requestKey))).toEqual(expected)
    const forApplication = await sikka.call('/v4/authorized_practices', applicationHeaders)
    expect(await officeIds(forApplication)).toEqual(expected)
  })

  test.each([
    ['204', '204 ok', ''],
    ['list', '200 ok', '"items":[]'],
    ['401', '401 API2007', 'error_code'],
  ] as const)('none, as %s', async (empty, answered, body) => {
    await using sikka = await sikkaForTest()
    sikka.setScenario({ practices: 'none', empty })
    const { requestKey } = await sikka.connect()
    const list = await sikka.practices(requestKey)
    expect(await outcome(list.clone())).toBe(answered)
    expect(await list.text()).toContain(body)
  })

  test('nothing the first times, then the practice; counted anew for each authorization (F45)', async () => {
    await using sikka = await sikkaForTest()
    sikka.setScenario({ practicesAfter: 2, empty: '401' })
    for (let authorization = 0; authorization < 2; authorization++) {
      const { requestKey } = await sikka.connect()
      const outcomes: string[] = []
      for (let call = 0; call < 3; call++) outcomes.push(await outcome(await sikka.practices(requestKey)))
      expect(outcomes).toEqual(['401 API2007', '401 API2007', '200 ok'])
    }
  })
})

describe('how the list is written', () => {
  async function firstItem(scenario: Partial<Scenario>): Promise<Record<string, unknown>> {
    await using sikka = await sikkaForTest()
    sikka.setScenario(scenario)
    const { requestKey } = await sikka.connect()
    const body = (await (await sikka.practices(requestKey)).json()) as { items: Record<string, unknown>[] }
    return body.items[0] ?? {}
  }

  test.each([
    [{ pmsField: 'pms_type' }, { pms_type: 'Dentrix', practice_management_system: undefined }],
    [{ officeIdForm: 'padded' }, { office_id: '  D00001 ' }],
    [{ officeIdForm: 'lower_case' }, { office_id: 'd00001' }],
    [{ officeIdForm: 'number', officeId: '10001' }, { office_id: 10001 }],
    [{ officeIdForm: 'missing' }, { office_id: undefined }],
    [{ secretKey: 'absent' }, { secret_key: undefined }],
    [{ practiceName: '<img onerror=alert(1)>' }, { practice_name: '<img onerror=alert(1)>' }],
  ] as [Partial<Scenario>, Record<string, unknown>][])('%o', async (scenario, fields) => {
    const item = await firstItem(scenario)
    for (const [name, value] of Object.entries(fields)) expect(item[name]).toBe(value)
  })

  test('wrapped in an array', async () => {
    await using sikka = await sikkaForTest()
    sikka.setScenario({ envelope: 'array' })
    const { requestKey } = await sikka.connect()
    expect(await (await sikka.practices(requestKey)).json()).toMatchObject([{ items: [{ office_id: 'D00001' }] }])
  })

  test('with a secret key that is another one every time, the last of them good (F44)', async () => {
    await using sikka = await sikkaForTest()
    sikka.setScenario({ secretKey: 'changes', practices: 'duplicated' })
    const { requestKey } = await sikka.connect()
    const secretKeys = async () => {
      const { items } = (await (await sikka.practices(requestKey)).json()) as { items: { secret_key: string }[] }
      return items.map((item) => item.secret_key)
    }
    const [[first, again], [second]] = [await secretKeys(), await secretKeys()]
    expect(again).toBe(first)
    expect(second).not.toBe(first)
    const grant = { grant_type: 'request_key', office_id: 'D00001' }
    expect(await outcome(await sikka.grant({ ...grant, secret_key: first }))).toBe('400 API1026')
    expect(await outcome(await sikka.grant({ ...grant, secret_key: second }))).toBe('200 ok')
  })
})

test('anything else below /v4 is a clinical call: counted, and not found (F49, C58)', async () => {
  await using sikka = await sikkaForTest()
  const { requestKey } = await sikka.connect()
  for (const path of ['/v4/patients', '/v4/appointments/1', '/v4/authorized_practices/D00001']) {
    expect(await outcome(await sikka.call(path, { 'request-key': requestKey }))).toBe('404 API2009')
  }
  expect(sikka.calls.clinical).toBe(3)
})
