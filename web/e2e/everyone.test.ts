import { expect, it } from 'vitest'
import { violations } from './accessibility.ts'
import { headings, stage } from './stage.ts'
import { button, heading, link, see } from './visitor.ts'

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
  await visitor.signIn('Alex Demo', '/agent/setup/install')
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
