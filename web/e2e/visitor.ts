import type { Browser, BrowserContext, Locator, Page, Request } from 'playwright-core'
import { expect } from 'vitest'
import type { System } from '../../server/test/harness/system.ts'
import { signedInElsewhere } from './signed-in.ts'

type PersonName = 'Alex Demo' | 'Robin Demo'

export interface Visitor {
  context: BrowserContext
  /** the first tab; what follows happens in it where no other is named */
  page: Page
  /** opens the setup and signs in on the provider's page */
  signIn: (name?: PersonName, path?: string) => Promise<void>
  /** opens the setup already signed in, which is quicker; for tests that are not about the sign-in */
  open: (name?: PersonName, path?: string) => Promise<void>
  /** another tab, signed in too: the sign-in still knows the person, and asks nothing */
  newTab: (path?: string) => Promise<Page>
  /** presses Connect via Sikka, or the button that starts again, and waits for Sikka's page */
  toSikka: (by?: string, page?: Page) => Promise<void>
  /** presses Allow for a practice on Sikka's page */
  allow: (practice?: string, page?: Page) => Promise<void>
  /** The browser prints each request that fails: those like this are a part of the test, and there has to be one. */
  expectComplaint: (like: RegExp) => void
  /** Cuts the network of all pages, or restores it. */
  setOffline: (isOffline: boolean) => Promise<void>
  /** Fails when a page printed an unexpected error or warning, or asked another host for something. */
  close: () => Promise<void>
}

const setup = '/agent/setup/pms'

/** A person with a browser of their own, in that language. Its pages may send requests to the system and its stand-ins only. */
export async function newVisitor(browser: Browser, system: System, locale = 'en-US'): Promise<Visitor> {
  const context = await browser.newContext({ locale, viewport: { width: 1024, height: 800 }, colorScheme: 'light' })
  const complaints: string[] = []
  let wasOffline = false
  const expected: RegExp[] = []
  const hosts = new Set([system.origin, system.identity.issuer, system.sikka.origin])
  context.on('request', (request) => {
    const { origin } = new URL(request.url())
    if (!hosts.has(origin)) complaints.push(`request to ${origin}`)
  })
  context.on('page', (page) => {
    page.on('console', (message) => {
      const { url } = message.location()
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.text()} ${url}`)
    })
    page.on('pageerror', (error) => complaints.push(error.message))
  })
  const first = await context.newPage()
  return {
    context,
    page: first,
    signIn: async (name = 'Alex Demo', path = setup) => {
      await first.goto(`${system.origin}${path}`)
      await button(first, 'Sign in').click()
      await first.getByRole('button', { name: `Continue as ${name}` }).click()
      await see(button(first, 'Sign out'))
    },
    open: async (name = 'Alex Demo', path = setup) => {
      const { cookies, storage } = await signedInElsewhere(system, name === 'Alex Demo' ? 'alex' : 'robin')
      await context.addCookies(cookies)
      await first.goto(`${system.origin}/livez`)
      await first.evaluate(([key, value]) => sessionStorage.setItem(key, value), storage)
      await first.goto(`${system.origin}${path}`)
      await see(button(first, 'Sign out'))
    },
    newTab: async (path = setup) => {
      const page = await context.newPage()
      await page.goto(`${system.origin}${path}`)
      await button(page, 'Sign in').click()
      await see(button(page, 'Sign out'))
      return page
    },
    toSikka: async (by = 'Connect via Sikka', page = first) => {
      await button(page, by).click()
      await see(button(page, 'Allow'))
    },
    allow: async (practice = 'D00001', page = first) => {
      await page.getByLabel('Practice', { exact: true }).selectOption(practice)
      await button(page, 'Allow').click()
    },
    expectComplaint: (like) => void expected.push(like),
    setOffline: async (isOffline) => {
      wasOffline = true
      await context.setOffline(isOffline)
    },
    close: async () => {
      await context.close()
      const isExpected = (complaint: string) =>
        expected.some((like) => like.test(complaint)) ||
        // Printed only if a request was open at that moment.
        (wasOffline && complaint.includes('ERR_INTERNET_DISCONNECTED'))
      expect(complaints.filter((complaint) => !isExpected(complaint))).toEqual([])
      for (const like of expected) expect(complaints).toContainEqual(expect.stringMatching(like))
    },
  }
}

export const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name })
export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
export const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true })

export const isStatus = (request: Request): boolean => request.url().includes('/trpc/pms.connectionStatus')
/** A request that the server holds until there is news. */
export const isHeldStatus = (request: Request): boolean => isStatus(request) && request.url().includes('waitSeconds')

/** What the page has sent by now has been seen: this comes after it. */
export const roundTrip = (page: Page) => page.evaluate(() => fetch('/livez').then(({ status }) => status))

/** The middle of what is shown, in CSS pixels of the window. */
export async function middleOf(what: Locator): Promise<[x: number, y: number]> {
  const box = await what.boundingBox()
  if (!box) throw new Error('It is not shown')
  return [box.x + box.width / 2, box.y + box.height / 2]
}

/** Waits until it is there to be seen; the test's own time limit ends it. */
export async function see(what: Locator): Promise<void> {
  await what.waitFor({ state: 'visible' })
}
