import type { Page, Route } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { connect } from '../../server/test/harness/visit.ts'
import { headings, stage } from './stage.ts'
import { button, heading, link, roundTrip, see } from './visitor.ts'

const on = stage()

const rows = () => on.system.db.pmsIntegration.findMany()
const question = (page: Page) => heading(page, 'Which practice do you want to connect?')
const replace = (page: Page) => heading(page, 'Replace Happy Dental Clinic with Maple Street Dental (Eaglesoft)?')
const happy = (page: Page) => page.getByRole('radio', { name: 'Happy Dental Clinic (Dentrix)' })

/** Nobody has answered in time. The server is told of it by its own clock alone. */
async function endQuestion(): Promise<string> {
  const { id } = await on.system.db.pmsConnectionAttempt.findFirstOrThrow({ where: { status: 'CHOOSING' } })
  await on.system.db.$executeRaw`UPDATE pms_connection_attempts SET "deadline" = now() WHERE id = ${id}::uuid`
  return id
}

describe('F42: several practices, and none is named', () => {
  beforeEach(async () => {
    on.system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
    await on.visitor.open()
    await on.visitor.toSikka()
    await on.visitor.allow()
    await see(question(on.visitor.page))
  })

  it('are a question, which a reload asks again; the one that is chosen is connected, by the keyboard alone', async () => {
    const { page } = on.visitor
    await page.reload()
    await see(question(page))
    const radios = page.getByRole('group', { name: 'Practices' }).getByRole('radio')
    await see(radios.first())
    expect(await radios.count()).toBe(3)
    expect(await page.getByRole('radio', { checked: true }).count()).toBe(0)
    expect(await rows()).toEqual([])

    await button(page, 'Connect this practice').press('Enter')
    await see(question(page))
    expect(await page.locator('input:invalid:focus').count()).toBe(1)
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await happy(page).isChecked()).toBe(true)
    await page.keyboard.press('Enter')
    await see(heading(page, headings.connected))
    expect(await rows()).toMatchObject([{ status: 'ACTIVE', officeId: 'D00001' }])
    // The button that had the focus is gone: the keyboard goes on from the heading.
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2')
  })

  it('chosen in one tab are chosen in the other', async () => {
    const { page, ...visitor } = on.visitor
    const other = await visitor.newTab()
    await see(question(other))
    await happy(page).check()
    await button(page, 'Connect this practice').click()
    await see(heading(other, headings.connected))
    await see(heading(page, headings.connected))
  })

  it('chosen too late: the question is no longer open, and starting again connects', async () => {
    const { page, ...visitor } = on.visitor
    visitor.expectComplaint(/409 .*pms\.choosePractice/)
    // What the server says of the attempt does not arrive either.
    const unanswered: Route[] = []
    await page.route(/pms\.connectionStatus.*waitSeconds/, (route) => void unanswered.push(route))
    await page.reload()
    await see(happy(page))
    await page.route(/pms\.connectionStatus/, (route) => void unanswered.push(route))
    await endQuestion()
    await happy(page).check()
    await button(page, 'Connect this practice').click()
    await see(page.getByRole('alert').getByText('This question is no longer open'))
    expect(await button(page, 'Connect this practice').count()).toBe(0)
    expect(await rows()).toEqual([])

    on.system.sikka.resetScenario()
    await visitor.toSikka('Start again')
    await page.unrouteAll()
    await visitor.allow()
    await see(heading(page, headings.connected))
  })

  it('of which nobody chooses end after ten minutes, and the page offers another try', async () => {
    const { page, ...visitor } = on.visitor
    await on.system.watch(await endQuestion())
    await see(heading(page, headings.failed))
    await see(page.getByText('The attempt was not finished within ten minutes'))
    on.system.sikka.resetScenario()
    await visitor.toSikka('Try again')
    await visitor.allow()
    await see(heading(page, headings.connected))
  })

  it('P2: left for a newer attempt are told as replaced, on coming back and in the history', async () => {
    const { page, ...visitor } = on.visitor
    await visitor.toSikka('Start again')
    await page.goBack()
    await see(heading(page, 'You started a newer attempt, so this one has ended.'))
    await page.getByText('What has happened so far').click()
    await see(page.locator('.timeline li').getByText('A newer attempt was started in its place.').first())
    expect(await page.getByText(/denied|cancelled/i).count()).toBe(0)
  })

  it('P5: cannot be left while the choice is on its way, which is said', async () => {
    const { page } = on.visitor
    const sent = Promise.withResolvers<Route>()
    await page.route('**/trpc/pms.choosePractice', (route) => sent.resolve(route), { times: 1 })
    await happy(page).check()
    await button(page, 'Connect this practice').click()
    const route = await sent.promise
    await see(page.getByText('Sending your answer...'))
    await button(page, 'Start again').click({ force: true })
    await roundTrip(page)
    expect(await on.system.db.pmsConnectionAttempt.count()).toBe(1)
    await route.continue()
    await see(heading(page, headings.connected))
  })

  it('cannot be chosen without network, and can with it', async () => {
    const { page, ...visitor } = on.visitor
    visitor.expectComplaint(/ERR_INTERNET_DISCONNECTED/)
    await happy(page).check()
    await visitor.setOffline(true)
    await button(page, 'Connect this practice').click()
    await see(page.getByRole('alert').getByText('We could not reach our server.'))
    await visitor.setOffline(false)
    await button(page, 'Connect this practice').click()
    await see(heading(page, headings.connected))
  })
})

describe('F47: another practice than the connected one', () => {
  beforeEach(async () => {
    await on.visitor.open()
    await on.visitor.toSikka()
    // Meanwhile the account is connected to another practice, from another browser.
    await connect(await on.alex())
    await on.visitor.allow('D00002')
    await see(replace(on.visitor.page))
  })

  it('replaces it with a yes', async () => {
    const { page } = on.visitor
    expect(await rows()).toMatchObject([{ officeId: 'D00001' }])
    await button(page, 'Yes, replace it').click()
    await see(heading(page, 'Successfully connected to Maple Street Dental (Eaglesoft)'))
    expect(await rows()).toMatchObject([{ officeId: 'D00002', status: 'ACTIVE' }])
  })

  it('P1: takes no click meant for what was there before, and what follows takes none meant for it', async () => {
    const { page } = on.visitor
    /** Whether a click on "Yes" would reach it, in the first frame that has one. */
    const isReached = await page.reload().then(() =>
      page.waitForFunction(() => {
        const yes = [...document.querySelectorAll('button')].find(
          ({ textContent }) => textContent === 'Yes, replace it',
        )
        if (!yes) return undefined
        const { left, top, width, height } = yes.getBoundingClientRect()
        return { reached: yes.contains(document.elementFromPoint(left + width / 2, top + height / 2)) }
      }),
    )
    expect(await isReached.jsonValue()).toEqual({ reached: false })

    // "Try again" comes to be where "No" was.
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet()
      sheet.replaceSync('.actions .button { position: fixed; inset: 0 auto auto 0; width: 20rem; height: 6rem }')
      document.adoptedStyleSheets.push(sheet)
    })
    await page.locator('.asked:not(.settling)').waitFor()
    while (!(await button(page, 'Try again').isVisible())) await page.mouse.click(50, 50)
    await page.mouse.click(50, 50)
    await roundTrip(page)
    await see(heading(page, headings.declined))
    expect(await rows()).toMatchObject([{ officeId: 'D00001' }])
    expect(await on.system.db.pmsConnectionAttempt.count({ where: { status: 'CREATED' } })).toBe(0)
  })

  it('B14: yes and no are themselves in French too', async () => {
    const { page, ...visitor } = on.visitor
    await button(page, 'Français').click()
    await button(page, 'Non, garder Happy Dental Clinic').click()
    await see(heading(page, 'Vous avez choisi de ne pas connecter cette clinique.'))
    await visitor.toSikka('Réessayer')
    await visitor.allow('D00002')
    await button(page, 'Oui, remplacer').click()
    await see(heading(page, 'Connexion établie avec Maple Street Dental (Eaglesoft)'))
    expect(await rows()).toMatchObject([{ officeId: 'D00002', status: 'ACTIVE' }])
  })

  it('with a no leaves it connected, at once and for every page', async () => {
    const { page, ...visitor } = on.visitor
    const other = await visitor.newTab()
    await see(replace(other))
    const [before] = await rows()
    await button(page, 'No, keep Happy Dental Clinic').click()
    await see(heading(page, headings.declined))
    await see(page.getByText('Happy Dental Clinic (Dentrix) is still connected. This attempt has changed nothing.'))
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2')
    await see(heading(other, headings.declined))
    await page.reload()
    await see(heading(page, headings.declined))
    await link(page, 'Continue to Review').click()
    await see(page.getByText('Happy Dental Clinic'))
    expect(new URL(page.url()).pathname).toBe('/agent/setup/review')
    expect(await rows()).toEqual([before])
  })

  it('with a no that cannot be sent is asked still, and with one that can is not', async () => {
    const { page, ...visitor } = on.visitor
    visitor.expectComplaint(/ERR_INTERNET_DISCONNECTED/)
    await visitor.setOffline(true)
    await button(page, 'No, keep Happy Dental Clinic').click()
    await see(page.getByRole('alert').getByText('We could not reach our server.'))
    await see(replace(page))
    await visitor.setOffline(false)
    await button(page, 'No, keep Happy Dental Clinic').click()
    await see(heading(page, headings.declined))
  })

  it('with a no can be started again, and what comes of that is told', async () => {
    const { page, ...visitor } = on.visitor
    await button(page, 'No, keep Happy Dental Clinic').click()
    await visitor.toSikka('Try again')
    await visitor.allow('D00002')
    await see(replace(page))
    await button(page, 'Yes, replace it').click()
    await see(heading(page, 'Successfully connected to Maple Street Dental (Eaglesoft)'))
    expect(await rows()).toMatchObject([{ officeId: 'D00002', status: 'ACTIVE' }])
  })
})

it('P15: offices of one name are told apart, found by a search, and connected as chosen, by the keyboard alone', async () => {
  const { page, ...visitor } = on.visitor
  on.system.sikka.setScenario({ issuedTo: 'absent', practices: 'same_name' })
  await visitor.open()
  await visitor.toSikka()
  await visitor.allow()
  await see(question(page))
  const radios = page.getByRole('radio', { name: 'Happy Dental Clinic' })
  await see(radios.first())
  expect(await radios.count()).toBe(9)
  await see(page.getByText('City 7 · 2 places · Office ID D01007'))
  await page.getByRole('searchbox').focus()
  await page.keyboard.type('D00001')
  await page.keyboard.press('Enter')
  await see(page.getByText('1 of 9 practices shown'))
  expect(await radios.count()).toBe(1)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await page.keyboard.press('Enter')
  await see(heading(page, headings.connected))
  expect(await rows()).toMatchObject([{ status: 'ACTIVE', officeId: 'D00001' }])
})
