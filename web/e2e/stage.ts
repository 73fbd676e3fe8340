import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { users } from '../../server/sandbox/identity/start.ts'
import { personOf, type Person } from '../../server/test/harness/person.ts'
import { startSystem, type System } from '../../server/test/harness/system.ts'
import { launchChromium } from './chromium.ts'
import { heading, newVisitor, see, type Visitor } from './visitor.ts'

export interface Stage {
  readonly system: System
  /** of this test alone */
  readonly visitor: Visitor
  /** somebody else, with a browser of their own */
  newVisitor: (locale?: string) => Promise<Visitor>
  /** the person that `visitor.open()` signs in, by the procedures and in another browser */
  alex: () => Promise<Person>
  /** From now on Sikka's list of practices is not answered: what comes back from Sikka stays connecting. */
  holdSikka: () => void
  /** The visitor signs in and allows it, at a Sikka that does not answer: the page shows that it is connecting. */
  comeBackConnecting: () => Promise<void>
}

export const headings = {
  before: 'Install SPU, then connect',
  /** SPU is said to be installed, or was connected in this browser */
  ready: 'Ready to connect',
  connecting: 'Connecting to your practice management system...',
  connected: 'Successfully connected to Happy Dental Clinic (Dentrix)',
  failed: 'Failed to connect PMS. Please try again.',
  denied: 'Authorization cancelled. You can try again anytime.',
  declined: 'You decided not to connect this practice. You can try again anytime.',
  lost: 'The connection to Happy Dental Clinic has stopped working.',
  timeout: 'Connection timeout. Please try again or contact support.',
} as const

/** A system and a real browser for the tests of a file, and for each test a visitor, who must not see any error. */
export function stage(options: Parameters<typeof startSystem>[0] = {}): Stage {
  let system: System
  let browser: Browser
  let visitors: Visitor[] = []
  const invite = async (locale?: string): Promise<Visitor> => {
    const visitor = await newVisitor(browser, system, locale)
    visitors.push(visitor)
    return visitor
  }
  beforeAll(async () => {
    ;[system, browser] = await Promise.all([startSystem(options), launchChromium()])
  })
  afterAll(async () => {
    await browser.close()
    await system.stop()
  })
  beforeEach(async () => {
    // The two people are the same ones in every test: what one has left open is not the next one's.
    await system.db.pmsConnectionAttempt.deleteMany()
    await system.reset()
    await invite()
  })
  afterEach(async () => {
    const leaving = visitors
    visitors = []
    for (const visitor of leaving) await visitor.close()
  })
  const first = (): Visitor => {
    const [visitor] = visitors
    if (!visitor) throw new Error('There is a visitor within a test only')
    return visitor
  }
  // The exchange itself would be given up after 10 seconds; the list is asked for again.
  const holdSikka = () => system.lines.sikka.set({ kind: 'hang_answer', when: 'GET /v4/authorized_practices' })
  return {
    get system() {
      return system
    },
    get visitor() {
      return first()
    },
    newVisitor: invite,
    alex: async () => personOf(system.origin, await system.identity.issueToken({ sub: users.alex.subject })),
    holdSikka,
    async comeBackConnecting() {
      const { page, ...visitor } = first()
      holdSikka()
      await visitor.open()
      await visitor.toSikka()
      await visitor.allow()
      await see(heading(page, headings.connecting))
    },
  }
}
