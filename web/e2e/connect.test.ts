import { expect, it } from 'vitest'
import { connect } from '../../server/test/harness/visit.ts'
import { keepScreenshot } from './screenshots.ts'
import { headings, stage } from './stage.ts'
import { button, heading, link, see } from './visitor.ts'

const on = stage()

it('a practice connects: from the page to Sikka and back, and goes on to the review', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.signIn()
  await see(heading(page, headings.before))
  await keepScreenshot(page, 'before')
  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, headings.connected))
  await see(page.getByText('Your AI agent can now:'))
  for (const ability of ['Book appointments', 'Check availability', 'Access patient information']) {
    await see(page.getByText(ability))
  }
  await keepScreenshot(page, 'connected')
  await link(page, 'Continue to Review').click()
  await see(heading(page, 'Review your setup'))
  expect(new URL(page.url()).pathname).toBe('/agent/setup/review')
  await see(page.getByText('Happy Dental Clinic'))
})

it('a practice denies, is told so, and connects at the second try', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.signIn()
  await visitor.toSikka()
  await button(page, 'Deny').click()
  await see(heading(page, headings.denied))
  await visitor.toSikka('Try again')
  await visitor.allow()
  await see(heading(page, headings.connected))
})

it('a practice is told when its code is refused, and connects at the second try', async () => {
  const { page, ...visitor } = on.visitor
  on.system.sikka.setScenario({ code: 'refuse' })
  await visitor.signIn()
  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, 'Authorization failed. Please try again or contact support.'))
  on.system.sikka.resetScenario()
  await visitor.toSikka('Try again')
  await visitor.allow()
  await see(heading(page, headings.connected))
})

it('a practice of another account is refused', async () => {
  const { page, ...visitor } = on.visitor
  await connect(await on.system.newPerson())
  await visitor.signIn('Robin Demo')
  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, 'This practice is already connected to another account.'))
})

it('a practice is told when anything else fails', async () => {
  const { page, ...visitor } = on.visitor
  on.system.sikka.setScenario({ exchangeError: 'API2001' })
  await visitor.signIn()
  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, headings.failed))
})

it('who signs out leaves nothing behind for the next person', async () => {
  const { page, ...visitor } = on.visitor
  await connect(await on.alex())
  await visitor.signIn()
  await see(heading(page, headings.connected))
  await button(page, 'Sign out').click()
  await see(button(page, 'Sign in'))
  expect(new URL(page.url()).origin).toBe(on.system.origin)
  expect(await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]))).not.toContain('token')
  await visitor.signIn('Robin Demo')
  await see(heading(page, headings.before))
  expect(await page.getByText('Happy Dental Clinic').count()).toBe(0)
})
