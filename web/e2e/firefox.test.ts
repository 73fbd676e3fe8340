import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { users } from '../../server/sandbox/identity/start.ts'
import { personOf } from '../../server/test/harness/person.ts'
import { stage } from '../../server/test/harness/stage.ts'
import { until } from '../../server/test/harness/until.ts'
import { connect } from '../../server/test/harness/visit.ts'
import { headings } from './stage.ts'

/** Playwright drives only its own build of Firefox; Puppeteer drives any, by WebDriver BiDi. */
const executablePath = process.env['FIREFOX_PATH']

describe.skipIf(!executablePath)('P7: in Firefox (skipped where FIREFOX_PATH is not set)', () => {
  const on = stage()
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    browser = await puppeteer.launch({ browser: 'firefox', executablePath: executablePath ?? '', headless: true })
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    // The person is the same one in every test.
    await on.system.db.pmsConnectionAttempt.deleteMany()
    const context = await browser.createBrowserContext()
    page = await context.newPage()
    page.setDefaultTimeout(30_000)
    return async () => {
      await context.close()
    }
  })

  /** Waits for the element with exactly this text. */
  const see = (tag: string, text: string) =>
    page.waitForSelector(`::-p-xpath(//${tag}[normalize-space(.)=${JSON.stringify(text)}])`, { visible: true })

  /** Clicks a button and waits for the result. */
  async function press(text: string, then: () => Promise<unknown>): Promise<void> {
    const button = await see('button', text)
    // A new question ignores clicks for half a second (P1).
    await until(async () => (await page.$('.settling')) === null)
    await button?.click()
    await then()
  }

  async function signIn(): Promise<void> {
    await page.goto(`${on.system.origin}/agent/setup/pms`)
    await press('Sign in', () => page.waitForSelector('button[value=alex]'))
    await page.click('button[value=alex]')
    await see('button', 'Sign out')
  }

  const toSikka = (by = 'Connect via Sikka') => press(by, () => page.waitForSelector('#practice'))

  async function allow(practice = 'D00001'): Promise<void> {
    await page.select('#practice', practice)
    await (await see('button', 'Allow'))?.click()
  }

  it('a practice denies, is told so, and connects at the second try', async () => {
    await signIn()
    await toSikka()
    await press('Deny', () => see('h2', headings.denied))
    await toSikka('Try again')
    await allow()
    await see('h2', headings.connected)
    expect(await on.system.db.pmsIntegration.findMany()).toMatchObject([{ status: 'ACTIVE', officeId: 'D00001' }])
  })

  it('a practice of another account is refused', async () => {
    await connect(on.person)
    await signIn()
    await toSikka()
    await allow()
    await see('h2', 'This practice is already connected to another account.')
  })

  it('a practice chooses, connects, and disconnects', async () => {
    on.system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
    await signIn()
    await toSikka()
    await allow()
    await see('h2', 'Which practice do you want to connect?')
    const happy = await page.waitForSelector('::-p-xpath(//label[contains(., "Happy Dental Clinic")])')
    await happy?.click()
    await press('Connect this practice', () => see('h2', headings.connected))
    on.system.sikka.resetScenario()

    await press('Disconnect', () => see('button', 'Yes, disconnect'))
    await press('Yes, disconnect', () => see('h2', headings.ready))
    expect(await on.system.db.pmsIntegration.findMany()).toMatchObject([{ status: 'INACTIVE' }])
  })

  it('a connection made elsewhere is shown without a reload', async () => {
    await signIn()
    await see('h2', headings.before)
    await connect(personOf(on.system.origin, await on.system.identity.issueToken({ sub: users.alex.subject })))
    await see('h2', headings.connected)
  })
})
