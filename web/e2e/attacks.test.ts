import { describe, expect, it } from 'vitest'
import { users } from '../../server/sandbox/identity/start.ts'
import { cookieBrowser } from '../../server/test/harness/browser.ts'
import { startSystem } from '../../server/test/harness/system.ts'
import { startTls } from '../../server/test/harness/tls.ts'
import { decide } from '../../server/test/harness/visit.ts'
import { launchChromium } from './chromium.ts'
import { headings, stage } from './stage.ts'
import { heading, see, type Visitor } from './visitor.ts'

const on = stage()

const setup = '/agent/setup/pms'
const exchanges = () => on.system.sikka.calls.requestKey.authorization_code
const rows = () => on.system.db.pmsIntegration.findMany({ include: { account: true } })

/** Goes to Sikka, where Allow is pressed. @returns where Sikka sends the browser, which does not go there yet */
async function callbackOf({ page, toSikka }: Visitor, practice: string): Promise<string> {
  await toSikka()
  return decide(cookieBrowser(), page.url(), { practice })
}

describe('the victim’s browser opens the callback of an attacker, code and state good', () => {
  it('AT2: and nothing is connected for either', async () => {
    const { page, ...victim } = on.visitor
    await victim.open('Alex Demo')
    const attacker = await on.newVisitor()
    await attacker.open('Robin Demo')
    const callback = await callbackOf(attacker, 'D00002')

    await page.goto(callback)
    await see(heading(page, headings.failed))
    expect(exchanges()).toBe(0)
    expect(await rows()).toEqual([])
    await page.goto(on.system.origin + setup)
    await see(heading(page, headings.before))
    // It was good: in the browser that it belongs to it connects.
    await attacker.page.goto(callback)
    await see(heading(attacker.page, 'Successfully connected to Maple Street Dental (Eaglesoft)'))
  })

  it('AT3: in the middle of its own attempt, which it can still finish', async () => {
    const { page, ...victim } = on.visitor
    await victim.open('Alex Demo')
    const attacker = await on.newVisitor()
    await attacker.open('Robin Demo')
    const [own, foreign] = [await callbackOf(on.visitor, 'D00001'), await callbackOf(attacker, 'D00002')]

    await page.goto(foreign)
    await see(heading(page, headings.failed))
    expect(exchanges()).toBe(0)
    await page.goto(own)
    await see(heading(page, headings.connected))
    expect(await rows()).toMatchObject([{ officeId: 'D00001', account: { subject: users.alex.subject } }])
  })
})

it('AT15: a callback that the browser has fetched ahead, and only looked at, is unspent when the person comes', async () => {
  const { page, open } = on.visitor
  await open()
  const callback = await callbackOf(on.visitor, 'D00001')
  // A page of our own origin, without our content policy: the cookie goes along.
  const ahead = `${on.system.origin}/ahead`
  await page.route(ahead, (route) => route.fulfill({ contentType: 'text/html', body: '<title>ahead</title>' }))
  await page.goto(ahead)
  const fetched = page.waitForResponse((response) => response.url() === callback)
  await page.evaluate((href) => {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href }))
  }, callback)
  expect((await fetched).request().headers()['sec-purpose']).toBe('prefetch')
  expect((await fetched).status()).toBe(204)
  const look = page.waitForResponse((response) => response.request().method() === 'HEAD')
  await page.evaluate((url) => fetch(url, { method: 'HEAD' }), callback)
  expect((await look).status()).toBe(204)
  expect(exchanges()).toBe(0)
  await page.goto(callback)
  await see(heading(page, headings.connected))
  expect(exchanges()).toBe(1)
})

it('AT30: no link and no form of another site starts anything for whoever is signed in', async () => {
  const { page, open, ...visitor } = on.visitor
  await open()
  visitor.expectComplaint(/4\d\d .*pms\.startConnection/)
  const start = `${on.system.origin}/trpc/pms.startConnection`
  for (const query of ['?start=1', '?connect=true&autostart=1', '?status=connecting', '#start']) {
    await page.goto(`${on.system.origin}${setup}${query}`)
    await see(heading(page, headings.before))
  }
  // Sikka's page stands for the other site: the token of ours is not there, and its cookies go along.
  await visitor.toSikka()
  await on.system.db.pmsConnectionAttempt.deleteMany()
  const other = page.url()
  await page.goto(start)
  await page.goto(other)
  await page.evaluate((action) => {
    const form = Object.assign(document.createElement('form'), { method: 'POST', action, enctype: 'text/plain' })
    document.body.append(form)
    form.submit()
  }, start)
  await page.waitForURL(start)
  expect(await on.system.db.pmsConnectionAttempt.count()).toBe(0)
})

it('F11: no text becomes HTML on the page, whoever writes it there', async () => {
  const { page, open, ...visitor } = on.visitor
  await open()
  visitor.expectComplaint(/TrustedHTML/)
  const taken = await page.evaluate(() => {
    const name = '<img src=x onerror="document.title = 1">'
    document.body.append(document.createElement('p'))
    document.querySelector('body > p:last-child')?.append(name)
    try {
      document.body.insertAdjacentHTML('beforeend', name)
      return 'taken'
    } catch (error) {
      return String(error)
    }
  })
  expect(taken).toContain('TrustedHTML')
  expect(await page.locator('img').count()).toBe(0)
})

describe('AT19: a sibling of our host, with a certificate of its own', () => {
  it('plants no cookie of an attempt, so that an attacker’s callback stays another browser’s', async () => {
    await using tls = await startTls()
    const origin = `https://app.practice.localhost:${tls.port}`
    await using secure = await startSystem({
      environment: { APP_BASE_URL: origin, SIKKA_REDIRECT_URI: `${origin}/pms/sikka/oauth/callback` },
    })
    tls.leadTo(Number(new URL(secure.origin).port))
    /** what Sikka knows as the callback is on this machine, and over http */
    const allowed = async (authorizationUrl: string, practice: string): Promise<string> => {
      const page = new URL(authorizationUrl)
      page.searchParams.set('redirect_uri', `${secure.origin}/pms/sikka/oauth/callback`)
      const { pathname, search } = new URL(await decide(cookieBrowser(), page.href, { practice }))
      return origin + pathname + search
    }
    const start = async (accessToken: string) =>
      fetch(`${secure.origin}/trpc/pms.startConnection`, {
        method: 'POST',
        headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      })
    const attacker = await start(await secure.identity.issueToken({ sub: users.robin.subject }))
    const [, name = '', value = ''] = /^([^=]+)=([^;]+)/.exec(attacker.headers.getSetCookie()[0] ?? '') ?? []
    expect(name).toMatch(/^__Host-pms_attempt_/)
    const foreign = await allowed((await readStarted(attacker)).authorizationUrl, 'D00002')

    await using browser = await launchChromium()
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const page = await context.newPage()
    const sibling = `https://evil.practice.localhost:${tls.port}`
    await page.route(`${sibling}/plant`, (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: 'planted',
        headers: { 'set-cookie': `${name}=${value}; Domain=practice.localhost; Path=/; Secure; HttpOnly` },
      }),
    )
    await page.goto(`${sibling}/plant`)
    await page.evaluate(
      (cookies) => {
        for (const cookie of cookies) document.cookie = `${cookie}; Domain=practice.localhost; Path=/; Secure`
      },
      ['planted=yes', `${name}=${value}`, `${name.replace('__Host-', '')}=${value}`],
    )

    await page.goto(origin)
    // The sibling can plant cookies for us, but not under this name.
    const named = (await context.cookies(origin)).map((cookie) => cookie.name)
    expect(named).toContain('planted')
    expect(named).not.toContain(name)
    await page.goto(foreign)
    expect(new URL(page.url()).search).toBe('?error=invalid_state')
    expect(secure.sikka.calls.requestKey.authorization_code).toBe(0)

    const accessToken = await secure.identity.issueToken({ sub: users.alex.subject })
    const authorizationUrl = await page.evaluate(async (authorization) => {
      const headers = { authorization, 'content-type': 'application/json' }
      const response = await fetch('/trpc/pms.startConnection', { method: 'POST', headers })
      const { result } = (await response.json()) as { result: { data: { authorizationUrl: string } } }
      return result.data.authorizationUrl
    }, `Bearer ${accessToken}`)
    await page.goto(await allowed(authorizationUrl, 'D00001'))
    await secure.until(async () => (await secure.db.pmsIntegration.count({ where: { status: 'ACTIVE' } })) === 1)
    expect(await secure.db.pmsIntegration.findMany({ include: { account: true } })).toMatchObject([
      { officeId: 'D00001', account: { subject: users.alex.subject } },
    ])
  })
})

async function readStarted(response: Response): Promise<{ authorizationUrl: string }> {
  const { result } = (await response.json()) as { result: { data: { authorizationUrl: string } } }
  return result.data
}
