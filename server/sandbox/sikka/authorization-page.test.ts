import { describe, expect, test } from 'vitest'
import { application, sikkaForTest } from './test-application.ts'

const { appId, redirectUri } = application

function pageUrl(page: string, parameters: Record<string, string> | [string, string][]): string {
  return `${page}?${new URLSearchParams(parameters)}`
}

describe('the authorization page', () => {
  test('says that it is a sandbox and offers three practices, Allow and Deny', async () => {
    await using sikka = await sikkaForTest()
    const page = await fetch(pageUrl(sikka.authorizationPage, { app_id: appId, redirect_uri: redirectUri, state: 's' }))
    const text = await page.text()
    expect(page.status).toBe(200)
    expect(text).toContain('SANDBOX standing in for Sikka')
    expect(text).toContain('No real practice is behind it')
    for (const practice of ['Happy Dental Clinic', 'Maple Street Dental', 'Lakeside Family Dentistry']) {
      expect(text).toContain(practice)
    }
    expect(text).toMatch(/<button [^>]*>Allow<\/button>/)
    expect(text).toMatch(/<button [^>]*>Deny<\/button>/)
    expect(text).not.toContain('<script')
    expect(sikka.calls.authorizationPage).toBe(1)
  })

  test('shows every switch of the scenario, set as the global one is', async () => {
    await using sikka = await sikkaForTest()
    sikka.setScenario({ practices: 'many' })
    const page = await fetch(pageUrl(sikka.authorizationPage, { app_id: appId, redirect_uri: redirectUri }))
    const text = await page.text()
    for (const name of Object.keys(sikka.scenario)) expect(text).toContain(`name="scenario.${name}"`)
    expect(text).toContain('<option selected>many</option>')
  })

  test.each([
    ['an unknown application', { app_id: 'app_demo_0002', redirect_uri: redirectUri }],
    ['no application', { redirect_uri: redirectUri }],
    ['an unregistered redirect URI', { app_id: appId, redirect_uri: `${redirectUri}/more` }],
    ['no redirect URI', { app_id: appId }],
    [
      'a redirect URI given twice',
      [
        ['app_id', appId],
        ['redirect_uri', redirectUri],
        ['redirect_uri', redirectUri],
      ],
    ],
  ] as [string, Record<string, string> | [string, string][]][])(
    'answers %s with 400 and no redirect',
    async (_, parameters) => {
      await using sikka = await sikkaForTest()
      const url = pageUrl(sikka.authorizationPage, parameters)
      const [shown, pressed] = await Promise.all([
        fetch(url, { redirect: 'manual' }),
        fetch(sikka.authorizationPage, {
          method: 'POST',
          body: new URLSearchParams([...new URLSearchParams(parameters), ['decision', 'allow']]),
          redirect: 'manual',
        }),
      ])
      expect([shown.status, pressed.status]).toEqual([400, 400])
      expect(pressed.headers.get('location')).toBeNull()
      expect(sikka.calls.allowed).toBe(0)
    },
  )

  test.each([
    ['http://localhost:1/callback', 303],
    ['http://127.0.0.1:4000/callback?kept=1', 303],
    ['http://[::1]:4000/callback', 303],
    ['https://localhost/callback', 400],
    ['http://localhost.example.com/callback', 400],
    ['http://user@localhost/callback', 400],
    ['not a url', 400],
  ])('with loopback redirect URIs answers %s with %i', async (redirect, status) => {
    await using sikka = await sikkaForTest({ redirectUris: 'loopback' })
    expect((await sikka.press('allow', { redirect_uri: redirect })).status).toBe(status)
  })

  test('escapes all that it is given', async () => {
    await using sikka = await sikkaForTest()
    const hostile = '"><img src=x onerror=alert(1)>'
    sikka.setScenario({ practiceName: hostile })
    const url = pageUrl(sikka.authorizationPage, { app_id: appId, redirect_uri: redirectUri, state: hostile })
    const text = await (await fetch(url)).text()
    expect(text).not.toContain('<img')
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;')
  })
})

describe('Allow', () => {
  test('goes back with a code of 32 letters and digits and the state, and keeps the rest of the URI', async () => {
    await using sikka = await sikkaForTest({ redirectUris: 'loopback' })
    const pressed = await sikka.press('allow', {
      redirect_uri: 'http://localhost:3000/callback?kept=1',
      state: 'a b&c',
    })
    expect(pressed.status).toBe(303)
    const back = new URL(pressed.headers.get('location') ?? '')
    expect(back.origin + back.pathname).toBe('http://localhost:3000/callback')
    expect(Object.fromEntries(back.searchParams)).toEqual({
      kept: '1',
      code: expect.stringMatching(/^codedemo\d{24}$/) as string,
      state: 'a b&c',
    })
    expect(sikka.calls.allowed).toBe(1)
  })

  test.each([
    [{ return: 'nothing' }, { state: 'state-1' }],
    [{ return: 'other_error' }, { state: 'state-1', error: 'server_error' }],
    [{ return: 'nothing', stateEcho: 'dropped' }, {}],
    [{ return: 'nothing', stateEcho: 'altered' }, { state: 'STATE-1x' }],
  ] as const)('with %o goes back with %o', async (scenario, parameters) => {
    await using sikka = await sikkaForTest()
    sikka.setScenario(scenario)
    expect(await sikka.answerTo('allow')).toEqual(parameters)
  })
})

describe('Deny', () => {
  test.each([
    [{}, { error: 'access_denied', state: 'state-1' }],
    [{ denial: 'without_state' }, { error: 'access_denied' }],
    [{ stateEcho: 'dropped' }, { error: 'access_denied' }],
    [
      { denial: 'with_description' },
      { error: 'access_denied', state: 'state-1', error_description: 'The practice did not allow it.' },
    ],
  ] as const)('with %o goes back with %o', async (scenario, parameters) => {
    await using sikka = await sikkaForTest()
    sikka.setScenario(scenario)
    expect(await sikka.answerTo('deny')).toEqual(parameters)
    expect(sikka.calls).toMatchObject({ allowed: 0, denied: 1 })
  })
})

describe('a scenario chosen on the page', () => {
  const shown = (sikka: { scenario: object }) => ({ shown_scenario: JSON.stringify(sikka.scenario) })

  test('holds for its authorization alone, whatever becomes of the global one', async () => {
    await using sikka = await sikkaForTest()
    const chosen = await sikka.authorize({
      ...shown(sikka),
      'scenario.issuedTo': 'absent',
      'scenario.tokenType': 'absent',
    })
    sikka.setScenario({ issuedTo: 'present', tokenType: 'bearer' })
    const other = await sikka.authorize()
    const [chosenKeys, otherKeys] = await Promise.all([sikka.exchange(chosen), sikka.exchange(other)])
    const body = (await chosenKeys.json()) as object
    expect(body).not.toHaveProperty('issued_to')
    expect(body, 'a switch that nobody changed follows the global scenario').toHaveProperty('token_type', 'Bearer')
    expect(await otherKeys.json()).toHaveProperty('issued_to')
  })

  test('takes numbers, yes and no, and names', async () => {
    await using sikka = await sikkaForTest()
    const requestKey = await sikka
      .connect({ 'scenario.lifetimeSeconds': '60', 'scenario.newKeyKillsOld': 'true', 'scenario.officeId': 'D00777' })
      .then((keys) => keys.requestKey)
    const info = await sikka.call('/v4/request_key_info', { 'request-key': requestKey })
    expect(await info.json()).toMatchObject({
      issued_to: 'D00777',
      expires_in: expect.stringMatching(/^(60|59) sec/) as string,
    })
  })

  test.each([
    ['scenario.practices', 'dozens'],
    ['scenario.lifetimeSeconds', 'long'],
    ['scenario.nonsense', '1'],
  ])('that says %s=%s is a 400 that names the switch', async (field, value) => {
    await using sikka = await sikkaForTest()
    const pressed = await sikka.press('allow', { [field]: value })
    expect(pressed.status).toBe(400)
    expect(await pressed.text()).toContain(field.slice('scenario.'.length))
    expect(sikka.calls.allowed).toBe(0)
  })

  test('with another practice and PMS type shows in the list', async () => {
    await using sikka = await sikkaForTest()
    const { requestKey } = await sikka.connect({ practice: 'D00002', pms_type: 'Open Dental' })
    expect(await (await sikka.practices(requestKey)).json()).toMatchObject({
      items: [{ office_id: 'D00002', practice_name: 'Maple Street Dental', practice_management_system: 'Open Dental' }],
    })
  })
})
