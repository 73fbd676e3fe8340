import { expect, it } from 'vitest'
import { connect } from '../../server/test/harness/visit.ts'
import { headings, stage } from './stage.ts'
import { button, heading, see } from './visitor.ts'

const on = stage()

const rows = () => on.system.db.pmsIntegration.findMany()
const row = () => on.system.db.pmsIntegration.findFirstOrThrow()

it('a practice disconnects after a question that says what stops working, and connects again', async () => {
  const { page, ...visitor } = on.visitor
  await connect(await on.alex())
  await visitor.signIn()
  await see(heading(page, headings.connected))
  const question = page.getByRole('alertdialog', { name: 'Disconnect Happy Dental Clinic (Dentrix)?' })
  await button(page, 'Disconnect').click()
  await see(question.getByText('no longer book appointments, check availability or access patient information'))

  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'hidden' })
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Disconnect')
  await page.keyboard.press('Enter')
  await see(question.locator('button:focus', { hasText: 'Keep the connection' }))
  await page.keyboard.press('Enter')
  await question.waitFor({ state: 'hidden' })
  expect(await rows()).toMatchObject([{ status: 'ACTIVE' }])

  await button(page, 'Disconnect').click()
  await button(page, 'Yes, disconnect').click()
  await see(heading(page, headings.ready))
  await see(page.getByText('Your practice is disconnected'))
  expect(await rows()).toMatchObject([{ status: 'INACTIVE' }])
  await on.system.until(async () => (await on.system.secretNames()).length === 0)
  await page.reload()
  await see(heading(page, headings.ready))

  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, headings.connected))
})

it('a practice that just came back connected disconnects, and another tab learns of it', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.signIn()
  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, headings.connected))
  const other = await visitor.newTab('/agent/setup/review')
  await see(heading(other, 'Review your setup'))
  await button(page, 'Disconnect').click()
  await button(page, 'Yes, disconnect').click()
  await see(heading(page, headings.ready))
  // It is told, and need not ask.
  await see(heading(other, headings.ready))
  await other.reload()
  await see(heading(other, headings.ready))
})

it('a disconnect that does not reach the server says so, and is done at the second try', async () => {
  const { page, context, ...visitor } = on.visitor
  visitor.expectComplaint(/ERR_INTERNET_DISCONNECTED/)
  await connect(await on.alex())
  await visitor.signIn()
  await button(page, 'Disconnect').click()
  await context.setOffline(true)
  await button(page, 'Yes, disconnect').click()
  await see(page.getByRole('alertdialog').getByRole('alert').getByText('We could not reach our server.'))
  expect(await rows()).toMatchObject([{ status: 'ACTIVE' }])
  await context.setOffline(false)
  await button(page, 'Yes, disconnect').click()
  await see(heading(page, headings.ready))
  expect(await rows()).toMatchObject([{ status: 'INACTIVE' }])
})

it('F97: a practice whose keys Sikka no longer accepts is told so, and reconnects', async () => {
  const { page, ...visitor } = on.visitor
  await connect(await on.alex())
  on.system.sikka.setScenario({ authorization: 'withdrawn' })
  await on.system.makeDue(await row())
  await on.system.refreshKeys((await row()).id)
  expect(await row()).toMatchObject({ status: 'ERROR', lastError: 'RECONNECT_REQUIRED' })

  await visitor.signIn('Alex Demo', '/agent/setup/review')
  await see(page.getByText('The connection to Happy Dental Clinic (Dentrix) has stopped working.'))
  await see(page.getByText('Sikka no longer accepts our access to your practice.'))
  on.system.sikka.resetScenario()
  await visitor.toSikka('Reconnect')
  await button(page, 'Deny').click()
  await see(heading(page, headings.denied))
  await see(page.getByText('has stopped working.'))
  await visitor.toSikka('Reconnect')
  await visitor.allow()
  await see(heading(page, headings.connected))
  expect(await row()).toMatchObject({ status: 'ACTIVE', lastError: null })
})

it('a practice whose stored keys cannot be read is told so, and reconnects', async () => {
  const { page, ...visitor } = on.visitor
  await connect(await on.alex())
  await on.system.db.pmsIntegration.updateMany({ data: { status: 'ERROR', lastError: 'KEYS_UNREADABLE' } })
  await visitor.signIn()
  await see(page.getByText('The connection to Happy Dental Clinic (Dentrix) has stopped working.'))
  await see(page.getByText('Our access to your practice was lost.'))
  await visitor.toSikka('Reconnect')
  await visitor.allow()
  await see(heading(page, headings.connected))
})
