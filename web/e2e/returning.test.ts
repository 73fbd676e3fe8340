import { expect, it } from 'vitest'
import { users } from '../../server/sandbox/identity/start.ts'
import { connect } from '../../server/test/harness/visit.ts'
import { headings, stage } from './stage.ts'
import { button, heading, roundTrip, see } from './visitor.ts'

const on = stage()

const exchanges = () => on.system.sikka.calls.requestKey.authorization_code
const rows = () => on.system.db.pmsIntegration.findMany({ include: { account: { select: { subject: true } } } })
const newestAttempt = () =>
  on.system.db.pmsConnectionAttempt.findFirstOrThrow({ orderBy: { createdAt: 'desc' }, select: { id: true } })
const attempt = (id: string) => on.system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })

it('F1: who does not come back in ten minutes is offered another try, also on coming back late', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.open()
  await visitor.toSikka()
  const { id } = await newestAttempt()
  await on.system.db.$executeRaw`UPDATE pms_connection_attempts SET "expiresAt" = now() WHERE id = ${id}::uuid`
  await on.system.watch(id)
  expect(await attempt(id)).toMatchObject({ status: 'EXPIRED' })

  await visitor.allow()
  await see(heading(page, headings.failed))
  await see(page.getByText('within ten minutes'))
  expect(exchanges()).toBe(0)
  await page.goto(`${on.system.origin}/agent/setup/pms?status=connecting&attempt=${id}`)
  await see(page.getByText('The attempt was not finished within ten minutes, so it has ended.'))
  await page.goto(`${on.system.origin}/agent/setup/pms`)
  await see(heading(page, headings.before))
  expect(await rows()).toEqual([])

  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, headings.connected))
})

it('P18: a reload of a used sign-in address goes on, for who is signed in', async () => {
  const { page, ...visitor } = on.visitor
  const used = page.waitForRequest((request) => request.url().includes('/auth/callback?'))
  await visitor.signIn()
  await page.goto((await used).url())
  await see(heading(page, headings.before))
  expect(new URL(page.url()).pathname).toBe('/agent/setup/pms')
})

it('P18: a browser that forbids storage is told what to allow; one without channels and locks connects', async () => {
  const { context, ...visitor } = await on.newVisitor()
  const blocked = await context.newPage()
  await blocked.addInitScript(() => {
    const forbid = { get: () => { throw new DOMException('The operation is insecure.', 'SecurityError') } } // prettier-ignore
    Object.defineProperties(window, { sessionStorage: forbid, localStorage: forbid })
  })
  await blocked.goto(`${on.system.origin}/agent/setup/pms`)
  await see(heading(blocked, 'Your browser does not let this page store data'))
  await see(button(blocked, 'Reload the page'))

  await context.addInitScript(() => {
    const refuse = (): never => {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    }
    Object.defineProperty(window, 'BroadcastChannel', { value: refuse })
    Object.defineProperty(navigator, 'locks', { value: { request: async () => refuse() } })
    Object.defineProperty(window, 'localStorage', { get: refuse })
  })
  await visitor.signIn('Robin Demo')
  await visitor.toSikka()
  await visitor.allow()
  await see(heading(visitor.page, headings.connected))
})

it('F1: who comes back by the browser’s own button finds the page as it was before', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.open()
  await visitor.toSikka()
  await page.goBack()
  await see(heading(page, headings.before))
  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, headings.connected))
})

it('F2, AT24: two tabs start, and finish in reverse order: both are connected, the last one holds', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.open()
  const later = await visitor.newTab()
  await visitor.toSikka()
  const first = await newestAttempt()
  await visitor.toSikka(undefined, later)
  const second = await newestAttempt()
  expect(second.id).not.toBe(first.id)

  await visitor.allow('D00001', later)
  await see(heading(later, headings.connected))
  expect(await rows()).toMatchObject([{ secretVersionId: second.id }])
  await visitor.allow()
  await see(heading(page, headings.connected))
  expect(await rows()).toMatchObject([{ status: 'ACTIVE', secretVersionId: first.id }])
  expect(exchanges()).toBe(2)
})

it('F3: reloads, goes back, allows once more, and opens the callback again: one exchange, one outcome', async () => {
  const { page, ...visitor } = on.visitor
  const callback = page.waitForRequest((request) => request.url().includes('/pms/sikka/oauth/callback'))
  on.holdSikka()
  await visitor.open()
  await visitor.toSikka()
  await visitor.allow()
  await see(heading(page, headings.connecting))
  const address = page.url()
  await page.reload()
  await see(heading(page, headings.connecting))
  await page.goto((await callback).url())
  await see(heading(page, headings.connecting))
  expect(page.url()).toBe(address)

  on.system.lines.sikka.heal()
  await see(heading(page, headings.connected))
  await page.reload()
  await see(heading(page, headings.connected))
  await page.goBack()
  await page.goBack()
  await visitor.allow()
  await see(heading(page, headings.connected))
  expect(page.url()).toBe(address)
  expect(exchanges()).toBe(1)
  expect(await rows()).toHaveLength(1)
})

it('F4: without the cookie nothing is asked of Sikka, and starting again connects', async () => {
  const { page, context, ...visitor } = on.visitor
  await visitor.open()
  await visitor.toSikka()
  await context.clearCookies()
  await visitor.allow()
  await see(heading(page, headings.failed))
  await see(page.getByText('did not belong to an attempt started in this browser'))
  expect(exchanges()).toBe(0)
  await visitor.toSikka('Try again')
  await visitor.allow()
  await see(heading(page, headings.connected))
  expect(exchanges()).toBe(1)
})

it('AT1, F5: a callback that another browser opens connects nobody, and the right one can still finish', async () => {
  const { page, ...visitor } = on.visitor
  await visitor.open()
  await visitor.toSikka()
  // Sikka's page is copied to another browser, and Allow is pressed there.
  const other = await on.newVisitor()
  await other.open('Robin Demo')
  await other.page.goto(page.url())
  await other.allow()
  await see(heading(other.page, headings.failed))
  expect(exchanges()).toBe(0)
  expect(await rows()).toEqual([])
  const { id: attemptId } = await newestAttempt()
  expect(await on.system.db.pmsAuditEvent.findMany({ where: { attemptId, event: 'REJECTED' } })).toMatchObject([
    { code: 'no_binding' },
  ])
  await visitor.allow()
  await see(heading(page, headings.connected))
})

it('AT11, F6: with another person signed in on return, it is connected for who started, who alone sees it', async () => {
  const { page, ...visitor } = on.visitor
  visitor.expectComplaint(/404 .*pms\.connectionStatus/)
  await visitor.signIn('Alex Demo')
  await visitor.toSikka()
  const sikka = page.url()
  await page.goBack()
  await button(page, 'Sign out').click()
  await see(button(page, 'Sign in'))
  await visitor.signIn('Robin Demo')
  await see(heading(page, headings.before))
  await page.goto(sikka)
  await visitor.allow()
  await see(heading(page, headings.before))
  await on.system.finishWork()
  expect(await rows()).toMatchObject([{ status: 'ACTIVE', account: { subject: users.alex.subject } }])
  await page.reload()
  await see(heading(page, headings.before))
  expect(await page.getByText('Happy Dental Clinic').count()).toBe(0)

  await button(page, 'Sign out').click()
  await see(button(page, 'Sign in'))
  await visitor.signIn('Alex Demo')
  await see(heading(page, headings.connected))
})

it('B4, B5: two people in two tabs of one browser are told of their own connection alone, and by no made-up message', async () => {
  const { page, context, ...visitor } = on.visitor
  await visitor.open('Alex Demo')
  await see(heading(page, headings.before))
  await context.clearCookies()
  const other = await context.newPage()
  await other.goto(`${on.system.origin}/agent/setup/pms`)
  await button(other, 'Sign in').click()
  await other.getByRole('button', { name: 'Continue as Robin Demo' }).click()
  await see(heading(other, headings.before))

  await other.evaluate((topic) => {
    const channel = new BroadcastChannel(topic)
    const timestamp = new Date(Date.now() + 60_000).toISOString()
    const made = {
      isConnected: true,
      status: 'connected',
      practiceName: { made: 'up' },
      revision: 'r',
      timestamp,
    }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none
    channel.postMessage(made)
    channel.close()
  }, `pms-status ${users.alex.subject} account`)
  // It says that it is newer than whatever is true: were it believed, the truth would not be shown.
  await connect(await on.alex())
  await see(heading(page, headings.connected))
  await roundTrip(other)
  await see(heading(other, headings.before))
  expect(await other.getByText('Happy Dental Clinic').count()).toBe(0)
})

it('F7: whose session ends while at Sikka signs in again, and sees the outcome of the same attempt', async () => {
  const { page, ...visitor } = on.visitor
  visitor.expectComplaint(/401 .*pms\.connectionStatus/)
  await visitor.open()
  await visitor.toSikka()
  const { id } = await newestAttempt()
  const over = Math.floor(Date.now() / 1000) - 3600
  await page.addInitScript(
    ([token]) => {
      for (const [key, value] of Object.entries(sessionStorage)) {
        if (!key.startsWith('oidc.user:') || sessionStorage.getItem('ended') !== null) continue
        const user = { ...(JSON.parse(String(value)) as object), access_token: token, refresh_token: undefined }
        sessionStorage.setItem(key, JSON.stringify(user))
        sessionStorage.setItem('ended', 'once')
      }
    },
    [await on.system.identity.issueToken({ iat: over - 900, exp: over })],
  )
  await visitor.allow()
  await see(heading(page, 'You have been signed out'))
  const address = page.url()
  expect(address).toContain(id)
  // The sign-in still knows the person, and asks nothing.
  await button(page, 'Sign in').click()
  await see(heading(page, headings.connected))
  expect(page.url()).toBe(address)
  expect(exchanges()).toBe(1)
})
