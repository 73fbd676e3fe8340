import { expect, it } from 'vitest'
import { clientId } from '../../server/sandbox/environment.ts'
import { users } from '../../server/sandbox/identity/start.ts'
import { connect } from '../../server/test/harness/visit.ts'
import { keepScreenshot } from './screenshots.ts'
import { headings, stage } from './stage.ts'
import { button, heading, link, see } from './visitor.ts'

const on = stage()

/** What the provider answers to the refresh token that a tab had kept. */
async function renewed(stored: string): Promise<unknown> {
  const refreshToken = /"refresh_token\\*":\\*"([^"\\]+)/.exec(stored)?.[1] ?? ''
  expect(refreshToken).not.toBe('')
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId })
  const response = await fetch(`${on.system.identity.issuer}/oauth2/token`, { method: 'POST', body })
  return ((await response.json()) as { error?: string }).error
}

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
  await visitor.open()
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
  await visitor.open()
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
  await visitor.open('Robin Demo')
  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, 'This practice is already connected to another account.'))
})

it('a practice is told when anything else fails', async () => {
  const { page, ...visitor } = on.visitor
  on.system.sikka.setScenario({ exchangeError: 'API2001' })
  await visitor.open()
  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, headings.failed))
})

it('P8: who signs out leaves nothing behind for the next person, in any tab', async () => {
  const { page, ...visitor } = on.visitor
  await connect(await on.alex())
  await visitor.signIn()
  await see(heading(page, headings.connected))
  const other = await visitor.newTab()
  await see(heading(other, headings.connected))
  const tokens = await Promise.all([page, other].map((tab) => tab.evaluate(() => JSON.stringify(sessionStorage))))
  const revoked = other.waitForResponse((response) => response.url().endsWith('/oauth2/revoke'))
  await button(page, 'Sign out').click()
  await see(heading(other, 'You have been signed out'))
  await see(button(page, 'Sign in'))
  expect(new URL(page.url()).origin).toBe(on.system.origin)
  expect((await revoked).status()).toBe(200)
  for (const text of tokens) expect(await renewed(text)).toBe('invalid_grant')
  for (const tab of [page, other]) {
    const left = await tab.evaluate(() => JSON.stringify([sessionStorage, localStorage]))
    expect(left).not.toMatch(/token|spu|oidc|pms-session|alex/i)
    expect(left).not.toContain(users.alex.subject)
  }
  await other.reload()
  await see(button(other, 'Sign in'))
  await other.close()
  await visitor.signIn('Robin Demo')
  await see(heading(page, headings.before))
  expect(await page.getByText('Happy Dental Clinic').count()).toBe(0)
})
