import type { Page, Request, Route } from 'playwright-core'
import { expect, it } from 'vitest'
import { connect } from '../../server/test/harness/visit.ts'
import { headings, stage } from './stage.ts'
import { button, heading, isHeldStatus, isStatus, link, roundTrip, see } from './visitor.ts'

const on = stage()

const statusUrl = '**/trpc/pms.connectionStatus**'

/** How many requests for the status of its attempt a page sends from now on, and how many at most at one time. */
function watchStatus(page: Page) {
  const seen = { sent: 0, mostOpen: 0 }
  const open = new Set<Request>()
  const attemptId = new URL(page.url()).searchParams.get('attempt') ?? 'none'
  page.on('request', (request) => {
    if (!isStatus(request) || !request.url().includes(attemptId)) return
    open.add(request)
    seen.sent += 1
    seen.mostOpen = Math.max(seen.mostOpen, open.size)
  })
  page.on('requestfinished', (request) => open.delete(request))
  page.on('requestfailed', (request) => open.delete(request))
  return seen
}

/** Leaves the page, whose own requests would be taken for those of the one that comes, and gives the way back. */
async function leave(page: Page): Promise<() => Promise<unknown>> {
  const here = page.url()
  await page.goto('about:blank')
  return () => page.goto(here)
}

it('follows a connection in progress without knowing its attempt', async () => {
  const { page } = on.visitor
  await on.comeBackConnecting()
  await page.goto(`${on.system.origin}/home/agent/setup/pms`)
  await see(heading(page, headings.connecting))
  on.system.lines.sikka.heal()
  await see(heading(page, headings.connected))
  expect(new URL(page.url()).pathname).toBe('/agent/setup/pms')
})

it('F8: without network it says so once, asks nothing, and goes on when the network is back', async () => {
  const { page, ...visitor } = on.visitor
  await page.clock.install()
  await on.comeBackConnecting()
  const comeBack = await leave(page)
  const held = page.waitForRequest(isHeldStatus)
  await comeBack()
  await held
  const status = watchStatus(page)

  await visitor.setOffline(true)
  const notice = page.getByText('You are offline. We continue as soon as your internet connection is back.')
  await see(notice)
  const sent = status.sent
  await page.clock.fastForward(50_000)
  await page.clock.fastForward(5_000)
  await see(notice)
  expect(await notice.count()).toBe(1)
  expect(await page.getByRole('alert').count()).toBe(0)
  await see(heading(page, headings.connecting))
  expect(status.sent).toBe(sent)

  on.system.lines.sikka.heal()
  await visitor.setOffline(false)
  await see(heading(page, headings.connected))
  expect(await notice.count()).toBe(0)
  // One for each step that it has missed, and no more.
  expect(status.sent - sent).toBeLessThanOrEqual(2)
  expect(status.mostOpen).toBe(1)
})

it('P12: a network that goes while a request is held is told within two seconds, and so is its return', async () => {
  const { page, ...visitor } = on.visitor
  await on.comeBackConnecting()
  const offline = page.getByText('You are offline.')
  await visitor.setOffline(true)
  const lostAt = performance.now()
  await see(offline)
  expect(performance.now() - lostAt).toBeLessThan(2_000)
  await visitor.setOffline(false)
  await offline.waitFor({ state: 'hidden' })

  // The browser knows nothing: no answer comes, and no error either.
  const probe = page.waitForRequest('**/livez')
  await page.route('**/livez', () => undefined)
  await probe
  const silentAt = performance.now()
  const unreachable = page.getByText('We cannot reach our server right now.')
  await see(unreachable)
  expect(performance.now() - silentAt).toBeLessThan(2_000)
  const again = page.waitForRequest(isStatus)
  await page.unroute('**/livez')
  await unreachable.waitFor({ state: 'hidden' })
  await again
  on.system.lines.sikka.heal()
  await see(heading(page, headings.connected))
})

it('B3: five tabs of one person hold exactly one request', async () => {
  const { page, context, ...visitor } = on.visitor
  const open = new Set<Request>()
  let most = 0
  context.on('request', (request) => {
    if (isHeldStatus(request)) open.add(request)
    most = Math.max(most, open.size)
  })
  context.on('requestfinished', (request) => open.delete(request))
  context.on('requestfailed', (request) => open.delete(request))
  await visitor.open()
  for (let tab = 2; tab <= 5; tab++) await see(heading(await visitor.newTab(), headings.before))
  await roundTrip(page)
  expect([open.size, most]).toEqual([1, 1])
})

it('B20: a page that the browser shows as it was left for Sikka can be used again', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.open()
  await page.route(`${on.system.sikka.origin}/**`, (route) => route.fulfill({ status: 204 }))
  const stayed = page.waitForResponse((response) => response.status() === 204)
  await button(page, 'Connect via Sikka').click()
  await see(heading(page, 'Taking you to Sikka...'))
  await stayed
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
  await see(button(page, 'Connect via Sikka'))
})

it('F9: an older answer that arrives late does not replace a newer one, and one request is open at a time', async () => {
  const { page, ...visitor } = on.visitor
  await on.comeBackConnecting()
  const late = Promise.withResolvers<Route>()
  const status = watchStatus(page)
  const comeBack = await leave(page)
  await page.route(statusUrl, (route) => late.resolve(route), { times: 1 })
  await comeBack()
  const route = await late.promise
  const answer = await route.fetch()
  expect(await answer.text()).toContain('"connecting"')

  // The other tab learns of the outcome, and tells this one, whose own answer is still on its way.
  const address = new URL(page.url())
  const other = await visitor.newTab(address.pathname + address.search)
  await see(heading(other, headings.connecting))
  on.system.lines.sikka.heal()
  await see(heading(other, headings.connected))
  await see(heading(page, headings.connected))
  const arrived = page.waitForEvent('requestfinished', isStatus)
  const shown = await page.evaluateHandle(() => {
    const texts: string[] = []
    const note = (): void => void texts.push(document.querySelector('h2')?.textContent ?? 'nothing')
    new MutationObserver(note).observe(document, { subtree: true, childList: true, characterData: true })
    return texts
  })
  await route.fulfill({ response: answer })
  await arrived
  await roundTrip(page)
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
  expect(await shown.jsonValue()).toEqual([])
  await see(heading(page, headings.connected))
  expect(status.mostOpen).toBe(1)
})

it('F10: waits past the deadline, is told that nothing is known yet, may check, and sees the connection at last', async () => {
  const { page } = on.visitor
  await page.clock.install()
  await on.comeBackConnecting()
  await page.clock.fastForward(61_000)
  await see(heading(page, headings.timeout))
  await see(page.getByText('The result is not known yet, and your practice may still be connected.'))
  expect(await heading(page, headings.failed).count()).toBe(0)
  await button(page, 'Check again').click()
  await see(page.getByText('There is no result yet.'))
  on.system.lines.sikka.heal()
  await see(heading(page, headings.connected))
})

const markup = '<img src=x onerror="document.title=`hacked`"><script>document.title="hacked"</script>'
const rightToLeft = 'Clinic \u202Egnp.exe\u2066 \u0000\u200B'

it('an answer that is lost on its way is asked for again, and nothing of it is shown as a failure', async () => {
  const { page, ...visitor } = on.visitor
  await on.comeBackConnecting()
  visitor.expectComplaint(/ERR_CONNECTION_RESET/)
  const comeBack = await leave(page)
  const lost = Promise.withResolvers<undefined>()
  await page.route(statusUrl, (route) => route.abort('connectionreset').then(() => lost.resolve(undefined)), {
    times: 1,
  })
  await comeBack()
  await lost.promise
  await see(heading(page, headings.connecting))
  on.system.lines.sikka.heal()
  await see(heading(page, headings.connected))
})

it('says that it goes to Sikka while the start is answered, and starts once however often the button is pressed', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.open()
  on.system.lines.database.set({ kind: 'hang', when: 'INSERT INTO pms_connection_attempts' })
  await button(page, 'Connect via Sikka').dblclick()
  await see(heading(page, 'Taking you to Sikka...'))
  await on.system.lines.database.struck()
  on.system.lines.database.heal()
  await see(button(page, 'Allow'))
  expect(await on.system.db.pmsConnectionAttempt.count()).toBe(1)
})

it.each([
  ['markup', `${markup} Dental`, markup],
  ['direction marks', rightToLeft, 'gnp.exe'],
  ['10,000 letters', 'W'.repeat(10_000), 'W'.repeat(200)],
])('F11: a practice’s name with %s is text, and no more than that', async (_what, practiceName, shown) => {
  const { page, ...visitor } = on.visitor
  on.system.sikka.setScenario({ practiceName })
  await connect(await on.alex())
  await visitor.open()
  const title = heading(page, 'Successfully connected to')
  await see(title)
  const text = (await title.textContent()) ?? ''
  expect(text).toContain(shown)
  expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(text.length).toBeLessThan(300)
  await link(page, 'Continue to Review').click()
  await see(heading(page, 'Review your setup'))
  await see(page.getByText(shown))
  expect(await page.title()).not.toContain('hacked')
  expect(await page.locator('#root').locator('img, script').count()).toBe(0)
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
})
