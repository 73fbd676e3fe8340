import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startSystem, type System } from '../../server/test/harness/system.ts'
import { connect } from '../../server/test/harness/visit.ts'
import { launchChromium } from './chromium.ts'
import { keepScreenshot } from './screenshots.ts'
import { newVisitor, see, type Visitor } from './visitor.ts'

let system: System
let browser: Browser
let visitor: Visitor

beforeAll(async () => {
  ;[system, browser] = await Promise.all([startSystem(), launchChromium()])
})
afterAll(async () => {
  await browser.close()
  await system.stop()
})
beforeEach(async () => {
  await system.reset()
  visitor = await newVisitor(browser, system)
})
afterEach(() => visitor.close())

const heading = (name: string | RegExp) => visitor.page.getByRole('heading', { name })
const button = (name: string) => visitor.page.getByRole('button', { name })
const connected = 'Successfully connected to Happy Dental Clinic (Dentrix)'

/** Signs in and allows it at a Sikka that takes so long (milliseconds): the page shows that it is connecting. */
async function comeBackConnecting(exchangeDelayMs: number): Promise<void> {
  system.sikka.setScenario({ exchangeDelayMs })
  await visitor.signIn()
  await visitor.toSikka()
  await button('Allow').click()
  await see(heading('Connecting to your practice management system...'))
}

describe('a practice', () => {
  it('connects: from the page to Sikka and back, and goes on to the review', async () => {
    const { page } = visitor
    await visitor.signIn()
    await see(heading('Install SPU, then connect'))
    await keepScreenshot(page, 'before')
    await visitor.toSikka()
    await button('Allow').click()
    await see(heading(connected))
    await see(page.getByText('Your AI agent can now:'))
    for (const ability of ['Book appointments', 'Check availability', 'Access patient information']) {
      await see(page.getByText(ability))
    }
    await keepScreenshot(page, 'connected')
    await page.getByRole('link', { name: 'Continue to Review' }).or(button('Continue to Review')).click()
    await see(heading('Review your setup'))
    expect(new URL(page.url()).pathname).toBe('/agent/setup/review')
    await see(page.getByText('Happy Dental Clinic'))
  })

  it('denies, is told so, and connects at the second try', async () => {
    await visitor.signIn()
    await visitor.toSikka()
    await button('Deny').click()
    await see(heading('Authorization cancelled. You can try again anytime.'))
    await button('Try again').click()
    await button('Allow').click()
    await see(heading(connected))
  })

  it('is told when its code is refused, and connects at the second try', async () => {
    system.sikka.setScenario({ code: 'refuse' })
    await visitor.signIn()
    await visitor.toSikka()
    await button('Allow').click()
    await see(heading('Authorization failed. Please try again or contact support.'))
    system.sikka.resetScenario()
    await button('Try again').click()
    await button('Allow').click()
    await see(heading(connected))
  })

  it('of another account is refused', async () => {
    await connect(await system.newPerson())
    await visitor.signIn('Robin Demo')
    await visitor.toSikka()
    await button('Allow').click()
    await see(heading('This practice is already connected to another account.'))
  })

  it('is told when anything else fails', async () => {
    system.sikka.setScenario({ exchangeError: 'API2001' })
    await visitor.signIn()
    await visitor.toSikka()
    await button('Allow').click()
    await see(heading('Failed to connect PMS. Please try again.'))
  })

  it('F3: reloads while it is connecting, and goes back, and sees the outcome of the same attempt', async () => {
    const { page } = visitor
    await comeBackConnecting(2_500)
    await page.reload()
    await see(heading('Connecting to your practice management system...'))
    await see(heading(connected))
    await page.reload()
    await see(heading(connected))
    expect(system.sikka.calls.requestKey.authorization_code).toBe(1)
  })

  it('follows a connection in progress without knowing its attempt', async () => {
    const { page } = visitor
    await comeBackConnecting(2_500)
    await page.goto(`${system.origin}/home/agent/setup/pms`)
    await see(heading('Connecting to your practice management system...'))
    await see(heading(connected))
    expect(new URL(page.url()).pathname).toBe('/agent/setup/pms')
  })

  it('F10: waits past the deadline, is told that nothing is known yet, may check, and sees the connection at last', async () => {
    const { page } = visitor
    await page.clock.install()
    await comeBackConnecting(6_000)
    await page.clock.fastForward(61_000)
    await see(heading('Connection timeout. Please try again or contact support.'))
    await button('Check again').click()
    await see(page.getByText('There is no result yet.'))
    await page.clock.resume()
    await see(heading(connected))
  })

  it('F7: whose session ends while it is connecting signs in again, and sees the outcome of the same attempt', async () => {
    const { page } = visitor
    await comeBackConnecting(1_500)
    const address = page.url()
    await page.evaluate(() => sessionStorage.clear())
    await page.reload()
    await button('Sign in').click()
    // The sign-in still knows the person, and asks nothing.
    await see(heading(connected))
    expect(page.url()).toBe(address)
  })

  it('signs out, and another person meets nothing of it', async () => {
    const { page } = visitor
    await visitor.signIn()
    await visitor.toSikka()
    await button('Allow').click()
    await see(heading(connected))
    await button('Sign out').click()
    await see(button('Sign in'))
    expect(new URL(page.url()).origin).toBe(system.origin)
    expect(await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]))).not.toContain('token')
    await visitor.signIn('Robin Demo')
    await see(heading('Install SPU, then connect'))
    expect(await page.getByText('Happy Dental Clinic').count()).toBe(0)
  })
})

describe('the address alone', () => {
  it.each([
    '?status=success',
    '?status=connected',
    '?status=connecting',
    '?status=success&attempt=0190b6a0-0000-7000-8000-000000000001',
  ])('F12: %s proves no success', async (search) => {
    await visitor.signIn('Alex Demo', `/agent/setup/pms${search}`)
    await see(heading('Install SPU, then connect'))
    expect(await visitor.page.getByText('Successfully connected').count()).toBe(0)
    visitor.complaints.splice(0)
  })

  it('of the review leads back to the setup until a practice is connected', async () => {
    await visitor.signIn('Alex Demo', '/agent/setup/review')
    await see(heading('Install SPU, then connect'))
    expect(new URL(visitor.page.url()).pathname).toBe('/agent/setup/pms')
  })

  it.each([
    ['access_denied', 'Authorization cancelled. You can try again anytime.'],
    ['invalid_state', 'Failed to connect PMS. Please try again.'],
    ['expired_state', 'Failed to connect PMS. Please try again.'],
    ['invalid_request', 'Failed to connect PMS. Please try again.'],
  ])('says what ?error=%s means', async (code, text) => {
    await visitor.signIn('Alex Demo', `/agent/setup/pms?error=${code}`)
    await see(heading(text))
  })
})

describe('two browsers', () => {
  it('AT1: a callback that another browser opens connects nobody, and the right one can still finish', async () => {
    await visitor.signIn()
    await visitor.toSikka()
    // The page of Sikka is copied to the attacker's browser, who presses Allow there.
    const attacker = await newVisitor(browser, system)
    await attacker.signIn('Robin Demo')
    await attacker.page.goto(visitor.page.url())
    await attacker.page.getByRole('button', { name: 'Allow' }).click()
    await see(attacker.page.getByRole('heading', { name: 'Failed to connect PMS. Please try again.' }))
    expect(system.sikka.calls.requestKey.authorization_code).toBe(0)
    await attacker.close()
    await button('Allow').click()
    await see(heading(connected))
  })
})
