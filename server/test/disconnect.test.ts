import { describe, expect, it } from 'vitest'
import { violations } from './harness/invariants.ts'
import { stage } from './harness/stage.ts'
import { choose, connect, decide, open } from './harness/visit.ts'

const on = stage()

const revocations = () => on.system.sikka.calls.deleteRequestKey + on.system.sikka.calls.deleteRefreshKey
const row = () => on.system.db.pmsIntegration.findFirstOrThrow()
const disconnect = () => on.person.client.pms.disconnect.mutate()
const gone = async () => (await on.system.secretNames()).length === 0

describe('disconnecting', () => {
  it('is done at once: INACTIVE, pending; then the keys are revoked and the secret waits for its deletion', async () => {
    await connect(on.person)
    expect(await disconnect()).toMatchObject({ isConnected: false, status: 'pending' })
    expect(await row()).toMatchObject({ status: 'INACTIVE', refreshDueAt: null, lastError: null })
    await on.system.until(gone)
    expect(revocations()).toBe(2)
    await expect(on.system.readSecret(await row())).rejects.toThrow('marked for deletion')
  })

  it('once more, or without a connection, changes nothing', async () => {
    expect(await disconnect()).toMatchObject({ status: 'pending' })
    await connect(on.person)
    await disconnect()
    const before = await row()
    expect(await disconnect()).toMatchObject({ status: 'pending' })
    expect(await row()).toEqual(before)
    const events = await on.system.db.pmsAuditEvent.count({
      where: { accountId: before.accountId, event: 'DISCONNECTED' },
    })
    expect(events).toBe(1)
  })

  it('I6: is for the own account alone', async () => {
    await connect(on.person)
    await (await on.system.newPerson()).client.pms.disconnect.mutate()
    expect(await row()).toMatchObject({ status: 'ACTIVE' })
  })

  it('F101: is done also while Sikka refuses to revoke; that is tried again, and the secret goes after it', async () => {
    await connect(on.person)
    on.system.sikka.setScenario({ revocationError: 'API2006', errorFor: 'first_call' })
    expect(await disconnect()).toMatchObject({ status: 'pending' })
    await on.system.until(async () => revocations() >= 1)
    expect(await row()).toMatchObject({ status: 'INACTIVE' })
    await on.system.until(gone)
    expect(revocations()).toBeGreaterThan(2)
  })

  it.each(['unknown_code', 'error_status', 'html'] as const)(
    'A5: a revocation answered 200 with %s is none: it is tried again, and the secret goes after it',
    async (revocationAnswer) => {
      await connect(on.person)
      on.system.sikka.setScenario({ revocationAnswer, errorFor: 'first_call' })
      await disconnect()
      await on.system.until(gone)
      expect(revocations()).toBeGreaterThan(2)
    },
  )

  it('ends what the account has under way, and what comes of it later connects nothing', async () => {
    on.system.lines.sikka.set({ kind: 'hang_answer', when: 'POST /v4/request_key' })
    const { authorizationUrl, attemptId } = await on.person.client.pms.startConnection.mutate()
    await open(on.person.browser, await decide(on.person.browser, authorizationUrl))
    await on.system.lines.sikka.struck()
    expect(await disconnect()).toMatchObject({ status: 'pending' })
    expect(await on.person.client.pms.connectionStatus.query({ attemptId })).toMatchObject({
      status: 'failed',
      errorCode: 'DISCONNECTED',
    })
    on.system.lines.sikka.heal()
    await on.system.finishWork()
    expect(await on.system.db.pmsIntegration.count()).toBe(0)
    expect(revocations()).toBe(2)
  })
})

describe('reconnecting', () => {
  it('F51: after a disconnect keeps the row and the secret’s name, and brings the secret back', async () => {
    await connect(on.person)
    const before = await row()
    await disconnect()
    await on.system.until(gone)
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
    const after = await row()
    expect(after).toMatchObject({ id: before.id, status: 'ACTIVE', metadata: before.metadata })
    await on.system.until(async () => (await on.system.secretNames()).length === 1)
    await on.system.until(async () => (await on.system.currentVersion(after)) === after.secretVersionId)
  })

  it('C32: that fails leaves the working connection and its keys as they are', async () => {
    await connect(on.person)
    const before = await row()
    const secretBefore = await on.system.readSecret(before)
    for (const scenario of [
      { code: 'refuse' },
      { practices: 'none' },
      { exchangeAnswer: 'html' },
      { secretKey: 'absent' },
    ] as const) {
      on.system.sikka.setScenario(scenario)
      expect((await connect(on.person)).outcome).toMatchObject({ status: 'failed' })
      on.system.sikka.resetScenario()
    }
    expect(await row()).toEqual(before)
    expect(await on.system.readSecret(before)).toEqual(secretBefore)
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connected' })
  })

  it('C32: whose keys cannot be stored leaves the keys in use where readers find them', async () => {
    await connect(on.person)
    const before = await row()
    const secretBefore = await on.system.readSecret(before)
    on.system.secretsManager.fail({ operation: 'PutSecretValue', error: 'AccessDeniedException' })
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'failed', errorCode: 'CONFIG' })
    expect(await row()).toEqual(before)
    expect(await on.system.readSecret(before)).toEqual(secretBefore)
  })

  it('does not revoke keys that Sikka gives a second time and that are in use', async () => {
    await connect(on.person)
    const { refreshKey } = await on.system.readSecret(await row())
    on.system.sikka.setScenario({ exchangeKeys: 'running', practices: 'none' })
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'failed', errorCode: 'NO_PRACTICE' })
    await on.system.finishWork()
    expect(revocations()).toBe(0)
    on.system.sikka.resetScenario()
    expect(await on.system.readSecret(await row())).toMatchObject({ refreshKey })
    expect(await violations(on.system)).toEqual([])
    await on.system.makeDue(await row())
    expect(await on.system.refreshKeys((await row()).id)).toBe('refreshed')
    // By the refresh key: the secret key would do as well, and hide that it is dead.
    expect(on.system.sikka.calls.requestKey).toMatchObject({ refresh_key: 1, request_key: 0 })
  })

  it.each([
    ['named', {}, 'CONFLICT'],
    ['not named', { issuedTo: 'absent' }, 'OFFICE_UNPROVEN'],
    ['not named, with others beside it', { issuedTo: 'absent', practices: 'several' }, 'OFFICE_UNPROVEN'],
  ] as const)(
    'AT12: does not revoke keys of another account that Sikka gives again, its office %s',
    async (_, scenario, errorCode) => {
      await connect(on.person)
      const before = await on.system.readSecret(await row())
      on.system.sikka.setScenario({ exchangeKeys: 'running', ...scenario })
      const other = await on.system.newPerson()
      expect((await connect(other)).outcome).toMatchObject({ status: 'failed', errorCode })
      await on.system.finishWork()
      expect(revocations()).toBe(0)
      expect(await on.system.readSecret(await row())).toEqual(before)
      expect(await violations(on.system)).toEqual([])
    },
  )

  it('AT12: nor when the office is another account’s only by the time of the choice, and the keys waited in their secret', async () => {
    on.system.sikka.setScenario({ exchangeKeys: 'running', issuedTo: 'absent', practices: 'several' })
    const other = await on.system.newPerson()
    const { outcome } = await connect(other)
    on.system.sikka.setScenario({ issuedTo: 'present', practices: 'one' })
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
    on.system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
    expect(await choose(other, outcome, 'Happy Dental Clinic')).toMatchObject({ errorCode: 'CONFLICT' })
    await on.system.until(async () => (await on.system.secretNames()).length === 1)
    expect(revocations()).toBe(0)
    expect(await violations(on.system)).toEqual([])
  })
})

describe('an account that is removed', () => {
  it('F71: in the middle of an attempt takes its keys with it', async () => {
    on.system.lines.sikka.set({ kind: 'hang_answer', when: 'GET /v4/authorized_practices' })
    const { authorizationUrl } = await on.person.client.pms.startConnection.mutate()
    const { accountId } = await on.person.client.account.current.query()
    await open(on.person.browser, await decide(on.person.browser, authorizationUrl))
    await on.system.lines.sikka.struck()
    await on.system.db.account.delete({ where: { id: accountId } })
    on.system.lines.sikka.heal()
    await on.system.finishWork()
    await on.system.until(async () => revocations() === 2)
    expect(await on.system.secretNames()).toEqual([])
  })

  it.each([
    ['before its secret is written', 'hang'],
    ['as its secret is written', 'hang_answer'],
  ] as const)('F71: while an attempt stores, %s: it fails, its keys die and its secret goes', async (_, kind) => {
    on.system.lines.secretsManager.set({ kind, when: 'CreateSecret', times: 1 })
    const { authorizationUrl } = await on.person.client.pms.startConnection.mutate()
    const { accountId } = await on.person.client.account.current.query()
    await open(on.person.browser, await decide(on.person.browser, authorizationUrl))
    await on.system.lines.secretsManager.struck()
    expect(await on.system.db.pmsConnectionAttempt.count({ where: { accountId, status: 'STORING' } })).toBe(1)
    await on.system.db.account.delete({ where: { id: accountId } })
    // What looks after the account's secret has been and gone when the write lands.
    await on.system.sweep()
    const settling = () => on.system.db.$queryRaw<unknown[]>`
      SELECT 1 FROM pgboss.job WHERE name = 'settle-secret' AND state IN ('created', 'active')`
    await on.system.until(async () => (await settling()).length === 0)
    on.system.lines.secretsManager.heal()
    await on.system.finishWork()
    expect(on.system.log.filter((line) => line.includes('practice not connected'))).toHaveLength(1)
    expect(await on.system.db.pmsIntegration.count()).toBe(0)
    await on.system.until(gone)
    await on.system.until(async () => revocations() >= 2)
    expect(await on.system.db.pmsOfficeOwner.count()).toBe(0)
  })

  it('F71: with a connected practice leaves a secret behind, which the sweep finds', async () => {
    await connect(on.person)
    await on.system.db.account.delete({ where: { id: (await row()).accountId } })
    await on.system.sweep()
    await on.system.until(gone)
    expect(revocations()).toBe(2)
  })

  it('F71: while its user chooses leaves nothing', async () => {
    on.system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
    const { attemptId } = await connect(on.person)
    expect(await on.system.secretNames()).toEqual([`parlae/pms/sikka/attempts/${attemptId}`])
    const { accountId } = await on.person.client.account.current.query()
    await on.system.db.account.delete({ where: { id: accountId } })
    await on.system.sweep()
    await on.system.until(gone)
    expect(revocations()).toBe(2)
  })
})

describe('the history', () => {
  it('tells what happened, newest first, a page at a time, without a word from outside', async () => {
    on.system.sikka.setScenario({ code: 'refuse' })
    await connect(on.person)
    on.system.sikka.resetScenario()
    await connect(on.person)
    const { outcome } = await connect(on.person, 'D00002')
    await choose(on.person, outcome, 'Maple Street Dental')
    await disconnect()
    const all = await on.person.client.pms.history.query()
    expect(all.events.map(({ event }) => event)).toEqual([
      'disconnected',
      'connected',
      'chosen',
      'authorized',
      'started',
      'connected',
      'authorized',
      'started',
      'failed',
      'authorized',
      'started',
    ])
    expect(all).not.toHaveProperty('nextCursor')
    expect(all.events.find(({ event }) => event === 'failed')).toMatchObject({ errorCode: 'CODE_REJECTED' })
    expect(JSON.stringify(all)).not.toMatch(/D0000|Dental|arn:|API\d/)

    const pages = []
    let cursor: string | undefined
    do {
      const page = await on.person.client.pms.history.query({ limit: 4, ...(cursor ? { cursor } : {}) })
      pages.push(page.events)
      cursor = page.nextCursor
    } while (cursor)
    expect(pages.map(({ length }) => length)).toEqual([4, 4, 3])
    expect(pages.flat()).toEqual(all.events)
  })

  it('I6: is the own account’s alone, and empty at first', async () => {
    await connect(on.person)
    expect(await (await on.system.newPerson()).client.pms.history.query()).toEqual({ events: [] })
  })

  it('T15: tells nothing of what happens to others, and takes no cursor but the account’s own', async () => {
    await connect(on.person)
    const { attemptId } = await on.person.client.pms.startConnection.mutate()
    const { accountId } = await on.person.client.account.current.query()
    const { events, nextCursor = '' } = await on.person.client.pms.history.query({ limit: 2 })
    const stored = await on.system.db.pmsAuditEvent.findMany({ where: { accountId }, orderBy: { id: 'desc' }, take: 2 })
    expect(events[0]).toMatchObject({ event: 'started', attemptId })
    for (const [index, { id }] of stored.entries()) {
      const said = events[index]?.id ?? ''
      expect(said).toMatch(/^[\w-]{22}$/)
      // Neither as text nor as any run of its bytes.
      expect(Buffer.from(said, 'base64url').toString('hex')).not.toContain(id.toString(16).padStart(4, '0'))
    }
    const other = await on.system.newPerson()
    const bad = { data: { code: 'BAD_REQUEST' } }
    await expect(other.client.pms.history.query({ cursor: nextCursor })).rejects.toMatchObject(bad)
    const last = nextCursor.startsWith('A') ? 'B' : 'A'
    const changed = on.person.client.pms.history.query({ cursor: `${last}${nextCursor.slice(1)}` })
    await expect(changed).rejects.toMatchObject(bad)
    // What a page that was loaded before the deploy still holds.
    const old = on.person.client.pms.history.query({ cursor: String(stored[0]?.id) })
    await expect(old).rejects.toMatchObject(bad)
    expect((await on.person.client.pms.history.query({ cursor: nextCursor })).events[0]?.id).not.toBe(events[1]?.id)
  })

  it.each([{ cursor: '-1' }, { cursor: "1' OR '1'='1" }, { cursor: '9'.repeat(19) }, { limit: 0 }, { limit: 101 }])(
    'refuses %o',
    async (input) => {
      await expect(on.person.client.pms.history.query(input)).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } })
    },
  )
})
