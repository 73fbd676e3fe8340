import type { Route } from 'playwright-core'
import { expect, it } from 'vitest'
import { connect } from '../../server/test/harness/visit.ts'
import { headings, stage } from './stage.ts'
import { button, heading, isHeldStatus, middleOf, roundTrip, see } from './visitor.ts'

const on = stage()

const rows = () => on.system.db.pmsIntegration.findMany()
const row = () => on.system.db.pmsIntegration.findFirstOrThrow()

it('a practice disconnects after a question that says what stops working, and connects again', async () => {
  const { page, ...visitor } = on.visitor
  await connect(await on.alex())
  await visitor.open()
  await see(heading(page, headings.connected))
  const question = page.getByRole('alertdialog', { name: 'Disconnect Happy Dental Clinic (Dentrix)?' })
  await button(page, 'Disconnect').click()
  await see(question.getByText('no longer book appointments, check availability or access patient information'))

  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'hidden' })
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Disconnect')
  await page.keyboard.press('Enter')
  await see(question.locator('button:focus', { hasText: 'Keep the connection' }))
  await see(page.locator('.question:not(.settling)'))
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

it('P1: the question takes no click, tap or key that comes with the one that opened it, at any size', async () => {
  const { page, context, ...visitor } = on.visitor
  await page.clock.install()
  await connect(await on.alex())
  await visitor.open()
  await see(heading(page, headings.connected))
  // From now on no time passes but what is let pass: each press comes a tenth of a second after the question.
  await page.clock.pauseAt(Date.now() + 60_000)
  const passes = () => page.clock.runFor(100)
  const open = button(page, 'Disconnect')
  const question = page.getByRole('alertdialog')
  let sent = 0
  page.on('request', (request) => void (request.url().includes('pms.disconnect') && (sent += 1)))
  const device = await context.newCDPSession(page)
  const tap = async ([x, y]: [number, number]) => {
    await device.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] })
    await device.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  }
  const press = (key: string) => async () => {
    await open.focus()
    await page.keyboard.press(key)
    await see(question)
    await passes()
    await page.keyboard.press(key)
  }
  /** Opens it by a click or tap, and goes on at once where each of its buttons comes to be. */
  const again = (act: (at: [number, number]) => Promise<void>) => async () => {
    await open.click()
    const places = [
      await middleOf(button(page, 'Yes, disconnect')),
      await middleOf(button(page, 'Keep the connection')),
    ]
    await page.keyboard.press('Escape')
    await passes()
    await question.waitFor({ state: 'hidden' })
    await act(await middleOf(open))
    await see(question)
    await passes()
    for (const place of places) await act(place)
  }
  const click = ([x, y]: [number, number]) => page.mouse.click(x, y)
  const held = async () => {
    await open.focus()
    await page.keyboard.down('Enter')
    await see(question)
    await page.clock.runFor(1_000)
    for (let repeats = 0; repeats < 5; repeats++) await page.keyboard.down('Enter')
    await page.keyboard.up('Enter')
  }
  for (const [width, height, act] of [
    [1280, 900, again(click)],
    [1440, 900, again(click)],
    [390, 844, again(tap)],
    [1280, 900, press('Enter')],
    [1280, 900, press('Space')],
    [1280, 900, held],
  ] as const) {
    await page.setViewportSize({ width, height })
    await act()
    await see(question)
    await roundTrip(page)
    await see(question)
    expect(sent).toBe(0)
    await page.keyboard.press('Escape')
    await passes()
    await question.waitFor({ state: 'hidden' })
  }
  expect(await rows()).toMatchObject([{ status: 'ACTIVE' }])
})

it('P5: a disconnect under way cannot be dismissed and says so; one that nobody answers can be, and its outcome is shown', async () => {
  const { page, ...visitor } = on.visitor
  await page.clock.install()
  await connect(await on.alex())
  await visitor.open()
  const question = page.getByRole('alertdialog')
  const sent = Promise.withResolvers<Route>()
  await page.route('**/trpc/pms.disconnect', (route) => sent.resolve(route), { times: 1 })
  await button(page, 'Disconnect').click()
  await button(page, 'Yes, disconnect').click()
  const route = await sent.promise
  await see(question.getByRole('status').getByText('Disconnecting...'))
  await page.keyboard.press('Escape')
  await button(page, 'Keep the connection').click({ force: true })
  await roundTrip(page)
  await see(question)

  await page.clock.fastForward(20_000)
  await see(question.getByRole('alert').getByText('We could not reach our server.'))
  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'hidden' })
  await see(heading(page, headings.connected))
  // It reaches the server after all.
  await route.continue()
  await see(heading(page, headings.ready))
  expect(await rows()).toMatchObject([{ status: 'INACTIVE' }])
})

it('P3, P4, B13: a loss is on an open page within a second, is what the page says, and its history tells it', async () => {
  const { page, ...visitor } = on.visitor
  await connect(await on.alex())
  const held = page.waitForRequest(isHeldStatus)
  await visitor.open()
  await see(heading(page, headings.connected))
  await page.getByText('What has happened so far').click()
  await see(page.locator('.timeline li').first().getByText('Practice connected'))
  await held
  on.system.sikka.setScenario({ authorization: 'withdrawn' })
  await on.system.makeDue(await row())
  await on.system.refreshKeys((await row()).id)
  const lostAt = performance.now()
  await see(heading(page, headings.lost))
  // Within a second on a machine that has nothing else to do; without a held request it would never come.
  expect(performance.now() - lostAt).toBeLessThan(5_000)
  await see(page.locator('.timeline li').first().getByText('Connection stopped working'))
  expect(await heading(page, headings.failed).count()).toBe(0)
  expect(await page.locator('.actions').getByRole('button').allTextContents()).toEqual(['Reconnect'])
  expect(await page.locator('.actions').getByRole('link').count()).toBe(0)
})

it('P9, P13, B14: the language is switched without losing the place, nothing unknown is said, and yes and no are themselves', async () => {
  const { page, ...visitor } = on.visitor
  const focused = () => page.evaluate(() => document.activeElement?.textContent)
  await visitor.open()
  await see(heading(page, headings.before))
  expect(await page.getByText(/not seen/).count()).toBe(0)
  await button(page, 'Français').press('Enter')
  await see(heading(page, 'Installez SPU, puis établissez la connexion'))
  expect(await focused()).toBe('English')
  await connect(await on.alex())
  const question = page.getByRole('alertdialog')
  await button(page, 'Déconnecter la clinique').click()
  await button(page, 'Garder la connexion').click()
  await question.waitFor({ state: 'hidden' })
  expect(await rows()).toMatchObject([{ status: 'ACTIVE' }])
  await button(page, 'Déconnecter la clinique').click()
  await button(page, 'Oui, déconnecter').click()
  await see(heading(page, 'Tout est prêt pour la connexion'))
  expect(await rows()).toMatchObject([{ status: 'INACTIVE' }])
})

it('a practice that just came back connected disconnects, and another tab learns of it', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.open()
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
  const { page, ...visitor } = on.visitor
  visitor.expectComplaint(/ERR_INTERNET_DISCONNECTED/)
  await connect(await on.alex())
  await visitor.open()
  await button(page, 'Disconnect').click()
  await visitor.setOffline(true)
  await button(page, 'Yes, disconnect').click()
  await see(page.getByRole('alertdialog').getByRole('alert').getByText('We could not reach our server.'))
  expect(await rows()).toMatchObject([{ status: 'ACTIVE' }])
  await visitor.setOffline(false)
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

  await visitor.open('Alex Demo', '/agent/setup/review')
  await see(heading(page, headings.lost))
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
  await visitor.open()
  await see(heading(page, headings.lost))
  await see(page.getByText('Our access to your practice was lost.'))
  await visitor.toSikka('Reconnect')
  await visitor.allow()
  await see(heading(page, headings.connected))
})
