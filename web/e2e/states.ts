import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { Scenario } from '../../server/sandbox/sikka/scenario.ts'
import { connect } from '../../server/test/harness/visit.ts'
import { headings, stage } from './stage.ts'
import { button, heading, link, see } from './visitor.ts'

const failed = headings.failed

interface Outcome {
  scenario?: Partial<Scenario>
  /** what the person presses at Sikka */
  press?: 'Deny'
  /** somebody else has the practice already */
  isTaken?: boolean
  heading: string
  /** what it means, and the one thing to do next */
  says: string
  next: string
}

const outcomes = {
  connected: { heading: headings.connected, says: 'Connected since', next: 'Continue to Review' },
  denied: { press: 'Deny', heading: headings.denied, says: 'so nothing has changed', next: 'Try again' },
  'code refused': {
    scenario: { code: 'refuse' },
    heading: 'Authorization failed. Please try again or contact support.',
    says: 'Sikka did not accept the authorization',
    next: 'Try again',
  },
  'owned by another account': {
    isTaken: true,
    heading: 'This practice is already connected to another account.',
    says: 'A practice can be connected to one account only',
    next: 'Try again',
  },
  'no practice found': {
    scenario: { practices: 'none' },
    heading: failed,
    says: 'Sikka does not list your practice yet. Check that SPU is installed',
    next: 'Check the installation of SPU',
  },
  'Sikka out of order': {
    scenario: { exchangeError: 'API2001' },
    heading: failed,
    says: 'Reference for support:',
    next: 'Try again',
  },
  'several practices': {
    scenario: { issuedTo: 'absent', practices: 'several' },
    heading: 'Which practice do you want to connect?',
    says: 'covers more than one',
    next: 'Connect this practice',
  },
} satisfies Record<string, Outcome>

type State = keyof typeof outcomes
export const allStates = Object.keys(outcomes) as State[]

/** Waits until the page shows all of the state: what happened, what it means and what to do next. */
async function expectShown(page: Page, { heading: name, says, next }: Outcome): Promise<void> {
  await see(heading(page, name))
  await see(page.getByText(says).first())
  await see(button(page, next).or(link(page, next)))
}

/** Tests that the page shows each of these states in full, also after a reload. `pnpm test` tests a few, `pnpm test:slow` all. */
export function tellStates(states: readonly State[]): void {
  const on = stage({ practiceDelays: [5, 5] })

  it.each(states)('%s: is told whole, also after a reload, and on going back and forth', async (state) => {
    const outcome: Outcome = outcomes[state]
    const { page, ...visitor } = on.visitor
    if (outcome.isTaken) await connect(await on.system.newPerson())
    on.system.sikka.resetCalls()
    on.system.sikka.setScenario(outcome.scenario ?? {})
    await visitor.open()
    await visitor.toSikka()
    if (outcome.press) await button(page, outcome.press).click()
    else await visitor.allow()
    await expectShown(page, outcome)
    const address = page.url()
    await page.reload()
    await expectShown(page, outcome)
    await page.goBack()
    await see(button(page, 'Allow'))
    await page.goForward()
    await expectShown(page, outcome)
    expect(page.url()).toBe(address)
    expect(on.system.sikka.calls.requestKey.authorization_code).toBe(outcome.press ? 0 : 1)
  })
}
