import { expect, it } from 'vitest'
import { connect } from '../../server/test/harness/visit.ts'
import { headings, stage } from './stage.ts'
import { heading, see } from './visitor.ts'

const on = stage()

const noSuchAttempt = /404 .*pms\.connectionStatus/

it.each(['?status=success', '?status=connected', '?status=connecting'])('F12: %s proves no success', async (search) => {
  const { page, ...visitor } = on.visitor
  await visitor.open('Alex Demo', `/agent/setup/pms${search}`)
  await see(heading(page, headings.before))
  expect(await page.getByText('Successfully connected').count()).toBe(0)
})

it.each([
  ['nobody', async () => '0190b6a0-0000-7000-8000-000000000001'],
  ['somebody else', async () => (await connect(await on.system.newPerson())).attemptId],
])('F12: success with the attempt of %s proves no success', async (_whose, attempt) => {
  const { page, ...visitor } = on.visitor
  visitor.expectComplaint(noSuchAttempt)
  await visitor.open('Alex Demo', `/agent/setup/pms?status=success&attempt=${await attempt()}`)
  await see(heading(page, headings.before))
  expect(await page.getByText('Successfully connected').count()).toBe(0)
})

it('F12: success with the own attempt is what the server says of it', async () => {
  const { page, ...visitor } = on.visitor
  const { attemptId } = await connect(await on.alex())
  await visitor.open('Alex Demo', `/agent/setup/pms?status=success&attempt=${attemptId}`)
  await see(heading(page, headings.connected))
})

it('of the review leads back to the setup until a practice is connected', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.open('Alex Demo', '/agent/setup/review')
  await see(heading(page, headings.before))
  expect(new URL(page.url()).pathname).toBe('/agent/setup/pms')
})

it.each([
  ['access_denied', headings.denied],
  ['invalid_state', headings.failed],
  ['expired_state', headings.failed],
  ['invalid_request', headings.failed],
  ['too_many_requests', headings.failed],
])('says what ?error=%s means', async (code, text) => {
  const { page, ...visitor } = on.visitor
  await visitor.open('Alex Demo', `/agent/setup/pms?error=${code}`)
  await see(heading(page, text))
})
