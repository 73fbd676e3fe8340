import { expect, it } from 'vitest'
import { connect } from '../../server/test/harness/visit.ts'
import { violations } from './accessibility.ts'
import { headings, stage } from './stage.ts'
import { button, heading, isHeldStatus, link, see } from './visitor.ts'

const on = stage()

it('the page as it is served has nothing that keeps somebody out, from the sign-in to the review', async () => {
  const { page, ...visitor } = on.visitor
  const found: string[] = []
  const look = async (where: string) => void found.push(...(await violations(page)).map((what) => `${where}: ${what}`))
  await page.goto(on.system.origin)
  await see(button(page, 'Sign in'))
  await look('signed out')
  await visitor.signIn('Alex Demo', '/')
  await see(heading(page, 'Install SPU on your office server'))
  await look('install')
  await button(page, 'I have installed it').click()
  await see(heading(page, headings.ready))
  await look('ready')
  on.holdSikka()
  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, headings.connecting))
  await look('connecting')
  on.system.lines.sikka.heal()
  await see(heading(page, headings.connected))
  await button(page, 'Disconnect').click()
  await see(page.getByRole('alertdialog'))
  await look('the question')
  await button(page, 'Keep the connection').click()
  await link(page, 'Continue to Review').click()
  await see(page.getByText('Practice connected'))
  await look('review with history')
  expect(found).toEqual([])
})

it('what happens in another tab is said where it cannot be seen', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.open('Alex Demo', '/agent/setup/install')
  const other = await visitor.newTab('/agent/setup/pms')
  await visitor.toSikka(undefined, other)
  await visitor.allow(undefined, other)
  await see(heading(other, headings.connected))
  await see(page.getByText('Happy Dental Clinic').filter({ hasText: 'is connected.' }))
  await button(other, 'Disconnect').click()
  await button(other, 'Yes, disconnect').click()
  await see(heading(other, headings.ready))
  await see(page.getByText('Your practice is disconnected.'))
})

it('B19: a loss is said to somebody who looks at another step', async () => {
  const { page, ...visitor } = on.visitor
  await connect(await on.alex())
  const held = page.waitForRequest(isHeldStatus)
  await visitor.open('Alex Demo', '/agent/setup/install')
  await held
  await on.system.db.pmsIntegration.updateMany({ data: { status: 'ERROR', lastError: 'RECONNECT_REQUIRED' } })
  await see(page.getByText('Happy Dental Clinic').filter({ hasText: 'has stopped working.' }))
})

it('nothing moves by itself from the sign-in to the connection', async () => {
  const { page, ...visitor } = on.visitor
  await page.addInitScript(() => {
    const kept = { moved: 0 }
    Object.assign(window, { kept })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) kept.moved += entry.value
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
  const moved = () => page.evaluate(() => (window as unknown as { kept: { moved: number } }).kept.moved)
  await visitor.signIn()
  await see(heading(page, headings.before))
  // Below 0.1 counts as good.
  expect(await moved()).toBeLessThan(0.05)
  on.holdSikka()
  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, headings.connecting))
  on.system.lines.sikka.heal()
  await see(heading(page, headings.connected))
  expect(await moved()).toBeLessThan(0.05)
})

it('P10: coming back, each step and the end are read out once, whole, and nothing else', async () => {
  const { page, ...visitor } = on.visitor
  // Each text of a live region, when it has changed, and each text that gets the focus.
  await page.addInitScript(() => {
    const said: string[] = []
    const known = new Map<Element, string>()
    Object.assign(window, { said })
    const note = (): void => {
      for (const region of document.querySelectorAll('[aria-live=polite], output, [role=alert]')) {
        const text = region.textContent ?? ''
        const isNew = !known.has(region)
        if (!isNew && known.get(region) !== text)
          said.push(region.matches('[aria-atomic=true]') ? text : `in part: ${text}`)
        known.set(region, text)
      }
    }
    new MutationObserver(note).observe(document, { subtree: true, childList: true, characterData: true })
    document.addEventListener('focusin', ({ target }) => said.push(`focus: ${(target as Element).textContent}`))
  })
  on.holdSikka()
  await visitor.open()
  await visitor.toSikka()
  await visitor.allow()
  await see(page.locator('[aria-current=step]', { hasText: 'Finding your practice' }))
  on.system.lines.sikka.heal()
  await see(heading(page, headings.connected))
  const said = (await page.evaluate(() => (window as unknown as { said: string[] }).said)).filter(Boolean)
  expect(said.filter((text) => /focus|in part/.test(text))).toEqual([])
  expect(new Set(said).size).toBe(said.length)
  expect(said.at(-1)).toContain(headings.connected)
  expect(said.filter((text) => text === 'Finding your practice' || text.startsWith('Connecting to'))).toHaveLength(2)
})

it('each change is said once, to who hears the page', async () => {
  const { page } = on.visitor
  await on.comeBackConnecting()
  const said = await page.evaluateHandle(() => {
    const texts: string[] = []
    for (const region of document.querySelectorAll('.state[aria-live]')) {
      const note = () => void texts.push(region.querySelector('h2')?.textContent ?? '')
      new MutationObserver(note).observe(region, { subtree: true, childList: true, characterData: true })
    }
    return texts
  })
  on.system.lines.sikka.heal()
  await see(heading(page, headings.connected))
  await see(page.getByText('What has happened so far'))
  expect(new Set(await said.jsonValue())).toEqual(new Set([headings.connected]))
  expect(await page.locator('[aria-live] [aria-live]').count()).toBe(0)
})
