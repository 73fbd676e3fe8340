import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { System } from '../../server/test/harness/system.ts'

export interface Visitor {
  context: BrowserContext
  page: Page
  /** what the page printed as an error or warning, and what it asked other hosts for; nothing is right */
  complaints: string[]
  /** opens the setup and signs in */
  signIn: (name?: 'Alex Demo' | 'Robin Demo', path?: string) => Promise<void>
  /** presses Connect via Sikka, and waits for Sikka's page */
  toSikka: () => Promise<void>
  close: () => Promise<void>
}

/** A person with a browser of their own. Every page it opens may talk to the system alone. */
export async function newVisitor(browser: Browser, system: System): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1024, height: 800 }, colorScheme: 'light' })
  const complaints: string[] = []
  const hosts = new Set([system.origin, system.identity.issuer, system.sikka.origin])
  await context.route('**', async (route) => {
    const { origin } = new URL(route.request().url())
    if (hosts.has(origin)) return route.fallback()
    complaints.push(`request to ${origin}`)
    return route.abort()
  })
  context.on('page', (page) => {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
  })
  const page = await context.newPage()
  return {
    context,
    page,
    complaints,
    signIn: async (name = 'Alex Demo', path = '/agent/setup/pms') => {
      await page.goto(`${system.origin}${path}`)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('button', { name: `Continue as ${name}` }).click()
      await page.getByRole('button', { name: 'Sign out' }).waitFor()
    },
    toSikka: async () => {
      await page.getByRole('button', { name: 'Connect via Sikka' }).click()
      await page.getByRole('button', { name: 'Allow' }).waitFor()
    },
    close: async () => {
      await context.close()
      expect(complaints).toEqual([])
    },
  }
}

/** Waits until it is there to be seen; the test's own time limit ends it. */
export async function see(what: Locator): Promise<void> {
  await what.waitFor({ state: 'visible' })
}
