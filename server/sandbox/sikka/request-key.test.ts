import { describe, expect, test } from 'vitest'
import { applicationHeaders, outcome, record, sikkaForTest } from './test-application.ts'

describe('the authorization_code grant', () => {
  test('answers the documented fields, all of them text', async () => {
    const now = new Date('2026-11-21T10:00:00Z')
    await using sikka = await sikkaForTest({ now: () => now })
    const answer = await sikka.exchange(await sikka.authorize())
    expect(answer.status).toBe(200)
    expect(answer.headers.get('request-key-expires')).toBe('Sun, 22 Nov 2026 10:00:00 GMT')
    const body = await record(answer)
    expect(body).toEqual({
      href: `${sikka.origin}/v4/request_key/${String(body['request_key'])}`,
      request_key: expect.stringMatching(/^requestkeydemo\d{18}$/) as string,
      refresh_key: expect.stringMatching(/^refreshkeydemo\d{18}$/) as string,
      start_time: '2026-11-21T10:00:00',
      end_time: '2026-11-22T10:00:00',
      expires_in: '86400 second(s)',
      issued_to: 'D00001',
      status: 'active',
      request_count: '0',
      scope: 'read',
      domain: 'Dental',
    })
  })

  test('takes a code once, also of 20 at the same time, and counts every exchange by the number of its code', async () => {
    await using sikka = await sikkaForTest()
    const [first, second] = [await sikka.authorize(), await sikka.authorize()]
    const outcomes = await Promise.all(Array.from({ length: 20 }, async () => outcome(await sikka.exchange(second))))
    expect(outcomes.filter((one) => one === '200 ok')).toHaveLength(1)
    expect(outcomes.filter((one) => one === '400 API1026')).toHaveLength(19)
    await sikka.exchange(first)
    await sikka.exchange('codedemo0')
    expect(sikka.calls).toMatchObject({
      requestKey: { authorization_code: 22 },
      exchangesByCode: { 1: 1, 2: 20 },
      exchangesOfUnknownCodes: 1,
    })
  })

  test('takes a code for five minutes', async () => {
    let now = new Date('2026-11-21T10:00:00Z')
    await using sikka = await sikkaForTest({ now: () => now })
    const codes = [await sikka.authorize(), await sikka.authorize()]
    now = new Date('2026-11-21T10:04:59Z')
    expect(await outcome(await sikka.exchange(codes[0] ?? ''))).toBe('200 ok')
    now = new Date('2026-11-21T10:05:00Z')
    expect(await outcome(await sikka.exchange(codes[1] ?? ''))).toBe('400 API1026')
  })

  test.each([
    [{ app_id: '' }, '400 API1001'],
    [{ app_key: '' }, '400 API1002'],
    [{ app_key: 'key_demo_0002' }, '401 API2003'],
    [{ app_id: 'app_demo_0002' }, '401 API2003'],
    [{ code: '' }, '400 API1020'],
    [{ code: 7 }, '400 API1020'],
    [{ code: 'codedemo1' }, '400 API1020'],
    [{ grant_type: 'password' }, '400 API1020'],
    [{ grant_type: 'toString' }, '400 API1020'],
  ])('refuses %o with %s and leaves the code unspent', async (wrong, refused) => {
    await using sikka = await sikkaForTest()
    const code = await sikka.authorize()
    expect(await outcome(await sikka.grant({ grant_type: 'authorization_code', code, ...wrong }))).toBe(refused)
    expect(await outcome(await sikka.exchange(code))).toBe('200 ok')
  })

  test('refuses a body that is no JSON object', async () => {
    await using sikka = await sikkaForTest()
    for (const body of ['', 'grant_type=authorization_code', 'null', '[1]']) {
      const answer = await fetch(`${sikka.origin}/v4/request_key`, { method: 'POST', body })
      expect(await outcome(answer)).toBe('400 API1020')
    }
    expect(sikka.calls.requestKey.other).toBe(4)
  })

  test('a replayed code revokes what it gave, where the scenario says so', async () => {
    await using sikka = await sikkaForTest()
    for (const [replayedCode, alive] of [
      ['refused', '200 ok'],
      ['refused_and_revokes', '400 API1025'],
    ] as const) {
      sikka.setScenario({ replayedCode })
      const code = await sikka.authorize()
      const { request_key: requestKey } = await record(await sikka.exchange(code))
      expect(await outcome(await sikka.exchange(code))).toBe('400 API1026')
      const info = await sikka.call('/v4/request_key_info', { 'request-key': String(requestKey) })
      expect(await outcome(info)).toBe(alive)
    }
  })
})

describe('the refresh_key grant', () => {
  const refresh = (refreshKey: string) => ({ grant_type: 'refresh_key', refresh_key: refreshKey })

  test.each([
    ['rotates', 'dies', 'another', '400 API1026'],
    ['rotates', 'lives', 'another', '200 ok'],
    ['stays', 'dies', 'the same', '200 ok'],
    ['missing', 'dies', 'none', '200 ok'],
  ] as const)('when it %s and the old one %s: %s key, then %s', async (refreshKey, oldRefreshKey, brings, then) => {
    await using sikka = await sikkaForTest()
    const keys = await sikka.connect()
    sikka.setScenario({ refreshKey, oldRefreshKey })
    const renewed = await record(await sikka.grant(refresh(keys.refreshKey)))
    const given = renewed['refresh_key']
    expect(given === undefined ? 'none' : given === keys.refreshKey ? 'the same' : 'another').toBe(brings)
    expect(renewed['request_key']).not.toBe(keys.requestKey)
    expect(await outcome(await sikka.practices(String(renewed['request_key'])))).toBe('200 ok')
    expect(await outcome(await sikka.grant(refresh(keys.refreshKey)))).toBe(then)
  })

  test('of ten at once with a key that rotates, one succeeds (F94)', async () => {
    await using sikka = await sikkaForTest()
    const { refreshKey } = await sikka.connect()
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, async () => outcome(await sikka.grant(refresh(refreshKey)))),
    )
    expect(outcomes.filter((one) => one === '200 ok')).toHaveLength(1)
    expect(sikka.calls.requestKey.refresh_key).toBe(10)
  })

  test('refuses a key that is missing or was never issued', async () => {
    await using sikka = await sikkaForTest()
    expect(await outcome(await sikka.grant({ grant_type: 'refresh_key' }))).toBe('400 API1020')
    expect(await outcome(await sikka.grant(refresh('refreshkeydemo')))).toBe('400 API1026')
  })
})

describe('the request_key grant', () => {
  test('gives a new key for office id and secret key, without the user', async () => {
    await using sikka = await sikkaForTest()
    const { requestKey } = await sikka.connect()
    const { items } = (await (await sikka.practices(requestKey)).json()) as { items: { secret_key: string }[] }
    const secretKey = items[0]?.secret_key
    const grant = { grant_type: 'request_key', office_id: 'D00001', secret_key: secretKey }
    expect(await record(await sikka.grant(grant))).toMatchObject({ issued_to: 'D00001' })
    expect(await outcome(await sikka.grant({ ...grant, secret_key: 'secretkeydemo' }))).toBe('400 API1026')
    expect(await outcome(await sikka.grant({ ...grant, office_id: 'D00002' }))).toBe('401 API2007')
    expect(await outcome(await sikka.grant({ ...grant, office_id: '' }))).toBe('400 API1003')
    expect(await outcome(await sikka.grant({ ...grant, secret_key: '' }))).toBe('400 API1005')
    expect(sikka.calls.requestKey.request_key).toBe(5)
  })

  test('of a practice that withdrew its authorization gets API2007, as all its keys do', async () => {
    await using sikka = await sikkaForTest()
    const { requestKey, refreshKey } = await sikka.connect()
    sikka.setScenario({ authorization: 'withdrawn' })
    const answers = await Promise.all([
      sikka.practices(requestKey),
      sikka.grant({ grant_type: 'refresh_key', refresh_key: refreshKey }),
      sikka.grant({ grant_type: 'request_key', office_id: 'D00001', secret_key: 'secretkeydemo' }),
      sikka.call('/v4/request_key_info', { 'request-key': requestKey }),
      sikka.call('/v4/data_sync_status?office_id=D00001', applicationHeaders),
    ])
    expect(new Set(await Promise.all(answers.map(outcome)))).toEqual(new Set(['401 API2007']))
  })
})

describe('a request key', () => {
  test('ends when its time is over (API1025 with HTTP 400)', async () => {
    let now = new Date('2026-11-21T10:00:00Z')
    await using sikka = await sikkaForTest({ now: () => now })
    sikka.setScenario({ lifetimeSeconds: 60 })
    const { requestKey } = await sikka.connect()
    now = new Date('2026-11-21T10:00:59Z')
    const info = await sikka.call('/v4/request_key_info', { 'request-key': requestKey })
    expect(await info.json()).toMatchObject({ request_key: requestKey, expires_in: '1 second(s)', issued_to: 'D00001' })
    now = new Date('2026-11-21T10:01:00Z')
    expect(await outcome(await sikka.practices(requestKey))).toBe('400 API1025')
  })

  test.each([
    [false, '200 ok'],
    [true, '400 API1025'],
  ])('when a newer one kills the older ones (%s), the older one is answered %s', async (newKeyKillsOld, older) => {
    await using sikka = await sikkaForTest()
    sikka.setScenario({ newKeyKillsOld })
    const first = await sikka.connect()
    const other = await sikka.connect({ practice: 'D00002' })
    const second = await sikka.connect()
    expect(await outcome(await sikka.practices(first.requestKey))).toBe(older)
    expect(await outcome(await sikka.practices(second.requestKey))).toBe('200 ok')
    expect(await outcome(await sikka.practices(other.requestKey))).toBe('200 ok')
  })

  test('is deleted once, and the refresh key apart from it', async () => {
    await using sikka = await sikkaForTest()
    const { requestKey, refreshKey } = await sikka.connect()
    const deleteRequestKey = () => sikka.call('/v4/request_key', { 'request-key': requestKey }, 'DELETE')
    const deleteRefreshKey = (headers: Record<string, string>) =>
      sikka.call('/v4/refresh_key', { 'refresh-key': refreshKey, ...headers }, 'DELETE')

    const deleted = await deleteRequestKey()
    expect(deleted.status).toBe(200)
    expect(await deleted.json()).toMatchObject({ http_code: '200', error_code: 'API0002' })
    expect(await outcome(await sikka.practices(requestKey))).toBe('400 API1025')
    expect(await outcome(await deleteRequestKey())).toBe('400 API1025')

    expect(await outcome(await deleteRefreshKey({}))).toBe('400 API1001')
    expect(await outcome(await deleteRefreshKey({ ...applicationHeaders, 'app-key': 'wrong' }))).toBe('401 API2003')
    expect(await outcome(await deleteRefreshKey(applicationHeaders))).toBe('200 API0002')
    expect(await outcome(await deleteRefreshKey(applicationHeaders))).toBe('404 API2009')
    expect(sikka.calls).toMatchObject({ deleteRequestKey: 2, deleteRefreshKey: 4 })
  })

  test('is unique over several starts, and looks like no real one', async () => {
    const keys = new Set<string>()
    for (let start = 0; start < 3; start++) {
      await using sikka = await sikkaForTest()
      for (let connection = 0; connection < 3; connection++) {
        for (const key of Object.values(await sikka.connect())) keys.add(key)
      }
    }
    expect(keys.size).toBe(18)
    for (const key of keys) expect(key).toMatch(/^(?!.*[0-9a-f]{32})[a-z]+demo\d+$/)
    for (const key of keys) expect(key).toHaveLength(32)
  })
})

describe('the health routes', () => {
  const items = async (response: Response) => (await response.json()) as { items: Record<string, unknown>[] }

  test('know the offices of the application, with the documented fields and no secret', async () => {
    await using sikka = await sikkaForTest({ now: () => new Date('2026-11-21T04:05:06Z') })
    await sikka.connect()
    const sync = '/v4/data_sync_status?office_id=D00001'
    const page = (of: string) => `${sikka.origin}${of}&offset=0&limit=50`
    expect(await items(await sikka.call(sync, applicationHeaders))).toEqual({
      offset: '0',
      limit: '50',
      total_count: '1',
      execution_time: '12',
      pagination: { first: page(sync), previous: '', current: page(sync), next: '', last: page(sync) },
      items: [
        {
          office_id: 'D00001',
          practice_id: '1',
          practice_name: 'Happy Dental Clinic',
          practice_management_system: 'Dentrix',
          status: 'refresh',
          data_insert_date: '2026-11-21T03:05:06',
          practice_management_system_refresh_date: '2026-11-21T03:05:06',
          practice_management_system_refresh_date_time_zone: 'Eastern Standard Time',
        },
      ],
    })
    for (const dataSync of ['not_refresh', 'not refresh'] as const) {
      sikka.setScenario({ dataSync })
      expect(await items(await sikka.call(sync, applicationHeaders))).toMatchObject({ items: [{ status: dataSync }] })
    }
    expect(await items(await sikka.call('/v4/health_check?office_id=D00001', applicationHeaders))).toMatchObject({
      items: [
        {
          spc_version: '1.0.0',
          refresh_time: '11/19/2026 4:05:06 AM',
          spc_error_flag: '1',
          spc_error_description: 'No contact for 24 hours',
          is_inactive: 'false',
        },
      ],
    })
  })

  test('list the whole fleet, by interval those that are fresh', async () => {
    await using sikka = await sikkaForTest()
    expect((await sikka.call('/v4/data_sync_status?interval=15', applicationHeaders)).status).toBe(204)
    await sikka.connect()
    await sikka.connect({ practice: 'D00002', 'scenario.dataSync': 'not_refresh' })
    const officesOf = async (query: string) =>
      (await items(await sikka.call(`/v4/data_sync_status${query}`, applicationHeaders))).items.map(
        (item) => item['office_id'],
      )
    expect(await officesOf('')).toEqual(['D00001', 'D00002'])
    expect(await officesOf('?interval=15&limit=5000')).toEqual(['D00001'])
    expect(await officesOf('?limit=1&offset=1')).toEqual(['D00002'])
    expect(await outcome(await sikka.call('/v4/data_sync_status?limit=5001', applicationHeaders))).toBe('400 API1020')
  })

  test.each([
    ['/v4/data_sync_status?office_id=D00001', {}, 'none', '400 API1001'],
    ['/v4/health_check', applicationHeaders, 'none', '400 API1003'],
    ['/v4/health_check?office_id=D00002', applicationHeaders, 'none', '401 API2007'],
    ['/v4/health_check?office_id=D00001', applicationHeaders, 'API2010', '500 API2010'],
    ['/v4/data_sync_status', applicationHeaders, 'API2017', '412 API2017'],
  ] as const)('%s with %o and %s: %s', async (path, headers, healthError, answered) => {
    await using sikka = await sikkaForTest()
    await sikka.connect()
    sikka.setScenario({ healthError })
    expect(await outcome(await sikka.call(path, headers))).toBe(answered)
  })
})
