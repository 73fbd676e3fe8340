import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { headings, stage } from './stage.ts'
import { button, heading, link, see } from './visitor.ts'

const on = stage()

const path = (page: Page) => new URL(page.url()).pathname
const position = (page: Page) => page.getByRole('navigation', { name: 'Steps of the setup' })
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent?.trim())

/** Tab, until a control with that text has the focus. */
async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press('Tab')
    if ((await focused(page)) === text) return
  }
  throw new Error(`No way to "${text}" by the Tab key`)
}

it('leads somebody new from the installation to the review, by the keyboard alone', async () => {
  const { page, ...visitor } = on.visitor
  await page.goto(on.system.origin)
  await see(button(page, 'Sign in'))
  await tabTo(page, 'Sign in')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Continue as Alex Demo' }).press('Enter')
  await see(heading(page, 'Install SPU on your office server'))
  expect(path(page)).toBe('/agent/setup/install')
  await see(position(page).getByText('Step 1 of 3'))
  expect(await position(page).getByRole('link', { name: 'Review' }).count()).toBe(0)

  await tabTo(page, 'I have installed it')
  await page.keyboard.press('Enter')
  await see(heading(page, headings.ready))
  expect([path(page), await focused(page)]).toEqual(['/agent/setup/pms', 'Connect your practice management system'])
  await tabTo(page, 'Connect via Sikka')
  await page.keyboard.press('Enter')
  await see(button(page, 'Allow'))
  await visitor.allow()
  await see(heading(page, headings.connected))
  await tabTo(page, 'Continue to Review')
  await page.keyboard.press('Enter')
  await see(heading(page, 'Review your setup'))
  await see(page.getByText('Happy Dental Clinic'))
  expect([path(page), await focused(page)]).toEqual(['/agent/setup/review', 'Review your setup'])
})

it('loses nothing by going back, and by a reload', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.open('Alex Demo', '/')
  await button(page, 'I have installed it').click()
  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, headings.connected))
  await link(page, 'Continue to Review').click()
  await see(heading(page, 'Review your setup'))
  await page.goBack()
  await see(heading(page, headings.connected))
  await page.reload()
  await see(heading(page, headings.connected))
  await position(page).getByRole('link', { name: 'Install SPU' }).click()
  await see(heading(page, 'Install SPU on your office server'))
  await page.reload()
  await see(heading(page, 'Install SPU on your office server'))
  await position(page).getByRole('link', { name: 'Review' }).click()
  await see(heading(page, 'Review your setup'))
  await page.goto(on.system.origin)
  await see(heading(page, headings.connected))
})

it('P17: gives the instructions to whoever manages the server, in the words of the practice', async () => {
  const { page, context, ...visitor } = on.visitor
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: on.system.origin })
  await visitor.open('Alex Demo', '/agent/setup/install')
  await button(page, 'Copy the instructions').click()
  await see(page.getByText('The instructions are copied. Paste them into a message.'))
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toMatch(/^Please install SPU/)
  expect(copied).toContain('3. Leave the computer on.')
  expect(copied).toContain('https://www.example.com/spu')
  expect(copied).not.toMatch(/\byour?\b/i)
  expect(await link(page, 'Download SPU (opens in a new tab)').getAttribute('rel')).toBe('noreferrer')
})

it('shows the instructions where the browser does not let them be copied', async () => {
  const { page, context, ...visitor } = on.visitor
  await context.clearPermissions()
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
  await visitor.open('Alex Demo', '/agent/setup/install')
  await button(page, 'Copy the instructions').click()
  const text = page.getByLabel('Your browser did not allow copying.')
  await see(text)
  expect(await text.inputValue()).toMatch(/^Please install SPU/)
})

it('speaks French to who wishes for it, and keeps to what is chosen', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.open()
  await see(heading(page, headings.before))
  await button(page, 'Français').click()
  await see(heading(page, 'Installez SPU, puis établissez la connexion'))
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('fr-CA')
  expect(await page.title()).toBe('Connecter votre clinique - Parlae')
  await page.reload()
  await see(heading(page, 'Installez SPU, puis établissez la connexion'))
  await visitor.toSikka('Connecter avec Sikka')
  await visitor.allow()
  await see(heading(page, 'Connexion établie avec Happy Dental Clinic (Dentrix)'))
  await button(page, 'English').click()
  await see(heading(page, headings.connected))
})

it('tells what has happened so far, page by page', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.open()
  for (let time = 0; time < 4; time++) {
    await visitor.toSikka(time === 0 ? 'Connect via Sikka' : 'Try again')
    await button(page, 'Deny').click()
    await see(heading(page, headings.denied))
  }
  await visitor.toSikka('Try again')
  await visitor.allow()
  await see(heading(page, headings.connected))
  await page.getByText('What has happened so far').click()
  const events = page.locator('.timeline li')
  await see(page.getByText('Practice connected'))
  expect(await events.count()).toBe(10)
  expect(await events.first().textContent()).toMatch(/^Practice connected/)
  await button(page, 'Show earlier events').click()
  await see(events.nth(10))
  expect(await events.last().textContent()).toMatch(/^Connection started/)
  expect(await button(page, 'Show earlier events').count()).toBe(0)
})
