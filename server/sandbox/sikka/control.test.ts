import { describe, expect, test } from 'vitest'
import { Scenario } from './scenario.ts'
import { sikkaForTest, type TestApplication } from './test-application.ts'

const defaults = Scenario.parse({})

function send(sikka: TestApplication, method: string, body?: unknown): Promise<Response> {
  return fetch(`${sikka.origin}/sandbox/scenario`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

describe('/sandbox/scenario', () => {
  test('is read, set in part, set as a whole and reset', async () => {
    await using sikka = await sikkaForTest()
    expect(await (await send(sikka, 'GET')).json()).toEqual(defaults)
    expect(await (await send(sikka, 'PATCH', { practices: 'none' })).json()).toEqual({ ...defaults, practices: 'none' })
    expect(await (await send(sikka, 'PATCH', { empty: 'list' })).json()).toMatchObject({
      practices: 'none',
      empty: 'list',
    })
    expect(await (await send(sikka, 'PUT', { code: 'refuse' })).json()).toEqual({ ...defaults, code: 'refuse' })
    expect(sikka.scenario).toEqual({ ...defaults, code: 'refuse' })
    expect(await (await send(sikka, 'DELETE')).json()).toEqual(defaults)
  })

  test.each([
    [{ practices: 'dozens' }, 'practices'],
    [{ exchangeDelayMs: -1 }, 'exchangeDelayMs'],
    [{ code: 'refuse', kode: 'refuse' }, 'kode'],
  ])('refuses %o with 400, names %s and changes nothing', async (body, name) => {
    await using sikka = await sikkaForTest()
    for (const method of ['PUT', 'PATCH']) {
      const answer = await send(sikka, method, body)
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ error: 'bad_scenario', switches: [{ switch: name }] })
    }
    expect(sikka.scenario).toEqual(defaults)
  })

  test('refuses what is no JSON object', async () => {
    await using sikka = await sikkaForTest()
    for (const method of ['PUT', 'PATCH']) {
      expect((await fetch(`${sikka.origin}/sandbox/scenario`, { method, body: 'nonsense' })).status).toBe(400)
      expect((await send(sikka, method, [])).status).toBe(400)
      expect((await send(sikka, method, null)).status).toBe(400)
    }
  })

  test('is the same in the process: bad values throw, and change nothing', async () => {
    await using sikka = await sikkaForTest()
    expect(() => sikka.setScenario({ practicesAfter: 0.5 })).toThrow(/practicesAfter/)
    expect(sikka.setScenario({ practicesAfter: 1 })).toEqual({ ...defaults, practicesAfter: 1 })
    expect(sikka.resetScenario()).toEqual(defaults)
  })
})

test('/sandbox/calls counts without a code or key in it, and starts again from nothing', async () => {
  await using sikka = await sikkaForTest()
  const { requestKey } = await sikka.connect()
  await sikka.practices(requestKey)
  const counted = await (await fetch(`${sikka.origin}/sandbox/calls`)).text()
  expect(JSON.parse(counted)).toEqual({
    authorizationPage: 0,
    allowed: 1,
    denied: 0,
    requestKey: { authorization_code: 1, request_key: 0, refresh_key: 0, other: 0 },
    authorizedPractices: 1,
    deleteRequestKey: 0,
    deleteRefreshKey: 0,
    requestKeyInfo: 0,
    dataSyncStatus: 0,
    healthCheck: 0,
    clinical: 0,
    overPlan: 0,
    followedRedirects: 0,
    exchangesByCode: { '1': 1 },
    exchangesOfUnknownCodes: 0,
  })
  expect(counted).not.toContain('demo')
  await fetch(`${sikka.origin}/sandbox/calls`, { method: 'DELETE' })
  expect(sikka.calls).toMatchObject({ allowed: 0, authorizedPractices: 0, exchangesByCode: {} })
  await sikka.connect()
  expect(sikka.calls).toMatchObject({ allowed: 1, exchangesByCode: { 2: 1 } })
  sikka.resetCalls()
  expect(sikka.calls).toMatchObject({ allowed: 0, exchangesByCode: {} })
})
