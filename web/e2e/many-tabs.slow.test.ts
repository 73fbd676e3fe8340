import type { BrowserContext, Page, Request, Response } from 'playwright-core'
import { expect, it } from 'vitest'
import { headings, stage } from './stage.ts'
import { button, heading, isHeldStatus, isStatus, roundTrip, see } from './visitor.ts'

/** What a visit to Sikka and back takes, with a request held at each page, and one request more for each of two tabs. */
const on = stage({ environment: { LIMIT_STATUS_PER_MINUTE: '6' } })

/** How many requests are held for the tabs of one browser now, and how many there were at most. */
function watchHeld(context: BrowserContext) {
  const open = new Set<Request>()
  const seen = { open, most: 0 }
  context.on('request', (request) => {
    if (!isHeldStatus(request)) return
    open.add(request)
    seen.most = Math.max(seen.most, open.size)
  })
  context.on('requestfinished', (request) => open.delete(request))
  context.on('requestfailed', (request) => open.delete(request))
  return seen
}

const isRefusal = (response: Response): boolean => response.status() === 429 && isStatus(response.request())
const waitNotice = (page: Page) => page.getByText('Our server asks us to wait a moment. We continue automatically.')

it('F13: past a person’s limit tabs wait as long as they are told, all hear the end, and others notice nothing', async () => {
  const { page, context, ...visitor } = on.visitor
  visitor.expectComplaint(/429 .*pms\.connectionStatus/)
  on.system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
  await visitor.open()
  await visitor.toSikka()
  const heldNow = watchHeld(context)
  const held = page.waitForRequest(isHeldStatus)
  await visitor.allow()
  // One request is held for all tabs of this browser: each further tab asks once.
  await held
  const { pathname, search } = new URL(page.url())
  const refusals: Response[] = []
  context.on('response', (response) => void (isRefusal(response) && refusals.push(response)))
  const tabs = [page]
  while (refusals.length === 0) tabs.push(await visitor.newTab(pathname + search))
  expect(tabs.length).toBeGreaterThan(2)
  expect([heldNow.open.size, heldNow.most]).toEqual([1, 1])
  await see(waitNotice(tabs.at(-1) ?? page))

  // The answer to the request that is held is told to every tab: none has to ask.
  const { id } = await on.system.db.pmsConnectionAttempt.findFirstOrThrow({ where: { status: 'CHOOSING' } })
  await on.system.db.$executeRaw`UPDATE pms_connection_attempts SET "deadline" = now() WHERE id = ${id}::uuid`
  await on.system.watch(id)
  for (const tab of tabs) await see(heading(tab, headings.failed))

  // The same person in another browser, whose clock can be moved alone; the server's is not.
  const { page: elsewhere, ...again } = await on.newVisitor()
  again.expectComplaint(/429 .*pms\.connectionStatus/)
  await elsewhere.clock.install()
  const refused = elsewhere.waitForResponse(isRefusal)
  await again.open('Alex Demo', pathname + search)
  await see(waitNotice(elsewhere))
  const seconds = Number((await refused).headers()['retry-after'])
  expect(seconds).toBeGreaterThan(10)
  expect(seconds).toBeLessThanOrEqual(60)
  let sent = 0
  elsewhere.on('request', (request) => void (isStatus(request) && (sent += 1)))
  await elsewhere.clock.fastForward((seconds - 10) * 1000)
  await roundTrip(elsewhere)
  expect(sent).toBe(0)
  const asked = elsewhere.waitForRequest(isStatus)
  await elsewhere.clock.fastForward(20_000)
  await asked
  expect(sent).toBe(1)

  const other = await on.newVisitor()
  await other.open('Robin Demo')
  await see(heading(other.page, headings.before))
})

it('P11: a first answer that does not come is one state, with one message and a button', async () => {
  const { page, ...visitor } = on.visitor
  visitor.expectComplaint(/429 .*pms\.connectionStatus/)
  visitor.expectComplaint(/503 .*pms\.connectionStatus/)
  const { client } = await on.alex()
  while (await client.pms.connectionStatus.query().catch(() => undefined));
  await visitor.open()
  const messages = page.locator('.state p')
  await see(waitNotice(page))
  expect(await messages.allTextContents()).toEqual(['Our server asks us to wait a moment. We continue automatically.'])
  await see(button(page, 'Try again'))

  await page.route('**/trpc/pms.connectionStatus**', (route) => route.fulfill({ status: 503, body: '' }), { times: 1 })
  const refused = page.waitForResponse((response) => response.status() === 503)
  await page.reload()
  await refused
  await see(page.getByText('We cannot reach our server right now.'))
  expect(await messages.count()).toBe(1)
  await see(button(page, 'Try again'))
})
