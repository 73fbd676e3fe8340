import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Person } from './harness/person.ts'
import { startSystem, type System } from './harness/system.ts'
import { choose, connect, decide, open } from './harness/visit.ts'

let system: System
let person: Person

beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.stop())
beforeEach(async () => {
  await system.reset()
  person = await system.newPerson()
})

const revocations = () => system.sikka.calls.deleteRequestKey + system.sikka.calls.deleteRefreshKey
const row = () => system.db.pmsIntegration.findFirstOrThrow()
const disconnect = () => person.client.pms.disconnect.mutate()
const gone = async () => (await system.secretNames()).length === 0

describe('disconnecting', () => {
  it('is done at once: INACTIVE, pending; then the keys are revoked and the secret waits for its deletion', async () => {
    await connect(person)
    expect(await disconnect()).toMatchObject({ isConnected: false, status: 'pending' })
    expect(await row()).toMatchObject({ status: 'INACTIVE', refreshDueAt: null, lastError: null })
    await system.until(gone)
    expect(revocations()).toBe(2)
    await expect(system.readSecret(await row())).rejects.toThrow('marked for deletion')
  })

  it('once more, or without a connection, changes nothing', async () => {
    expect(await disconnect()).toMatchObject({ status: 'pending' })
    await connect(person)
    await disconnect()
    const before = await row()
    expect(await disconnect()).toMatchObject({ status: 'pending' })
    expect(await row()).toEqual(before)
    const events = await system.db.pmsAuditEvent.count({
      where: { accountId: before.accountId, event: 'DISCONNECTED' },
    })
    expect(events).toBe(1)
  })

  it('I6: is for the own account alone', async () => {
    await connect(person)
    await (await system.newPerson()).client.pms.disconnect.mutate()
    expect(await row()).toMatchObject({ status: 'ACTIVE' })
  })

  it('F101: is done also while Sikka refuses to revoke; that is tried again, and the secret goes after it', async () => {
    await connect(person)
    system.sikka.setScenario({ revocationError: 'API2006', errorFor: 'first_call' })
    expect(await disconnect()).toMatchObject({ status: 'pending' })
    await system.until(async () => revocations() >= 1)
    expect(await row()).toMatchObject({ status: 'INACTIVE' })
    await system.until(gone)
    expect(revocations()).toBeGreaterThan(2)
  })

  it('ends what the account has under way, and what comes of it later connects nothing', async () => {
    system.lines.sikka.set({ kind: 'hang_answer', when: 'POST /v4/request_key' })
    const { authorizationUrl, attemptId } = await person.client.pms.startConnection.mutate()
    await open(person.browser, await decide(person.browser, authorizationUrl))
    await system.lines.sikka.struck()
    expect(await disconnect()).toMatchObject({ status: 'pending' })
    expect(await person.client.pms.connectionStatus.query({ attemptId })).toMatchObject({
      status: 'failed',
      errorCode: 'ACCESS_DENIED',
    })
    system.lines.sikka.heal()
    await system.finishWork()
    expect(await system.db.pmsIntegration.count()).toBe(0)
    expect(revocations()).toBe(2)
  })
})

describe('reconnecting', () => {
  it('F51: after a disconnect keeps the row and the secret’s name, and brings the secret back', async () => {
    await connect(person)
    const before = await row()
    await disconnect()
    await system.until(gone)
    expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
    const after = await row()
    expect(after).toMatchObject({ id: before.id, status: 'ACTIVE', metadata: before.metadata })
    await system.until(async () => (await system.secretNames()).length === 1)
    await system.until(async () => (await system.currentVersion(after)) === after.secretVersionId)
  })

  it('C32: that fails leaves the working connection and its keys as they are', async () => {
    await connect(person)
    const before = await row()
    const secretBefore = await system.readSecret(before)
    for (const scenario of [
      { code: 'refuse' },
      { practices: 'none' },
      { exchangeAnswer: 'html' },
      { secretKey: 'absent' },
    ] as const) {
      system.sikka.setScenario(scenario)
      expect((await connect(person)).outcome).toMatchObject({ status: 'failed' })
      system.sikka.resetScenario()
    }
    expect(await row()).toEqual(before)
    expect(await system.readSecret(before)).toEqual(secretBefore)
    expect(await person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connected' })
  })

  it('C32: whose keys cannot be stored leaves the keys in use where readers find them', async () => {
    await connect(person)
    const before = await row()
    const secretBefore = await system.readSecret(before)
    system.secretsManager.fail({ operation: 'PutSecretValue', error: 'AccessDeniedException' })
    expect((await connect(person)).outcome).toMatchObject({ status: 'failed', errorCode: 'CONFIG' })
    expect(await row()).toEqual(before)
    expect(await system.readSecret(before)).toEqual(secretBefore)
  })

  it('does not revoke keys that Sikka gives a second time and that are in use', async () => {
    system.sikka.setScenario({ refreshKey: 'stays' })
    await connect(person)
    const { refreshKey } = await system.readSecret(await row())
    system.sikka.setScenario({ refreshKey: 'stays', practices: 'none' })
    expect((await connect(person)).outcome).toMatchObject({ status: 'failed', errorCode: 'NO_PRACTICE' })
    await system.finishWork()
    system.sikka.setScenario({ refreshKey: 'stays' })
    expect(await system.readSecret(await row())).toMatchObject({ refreshKey })
    await system.makeDue(await row())
    expect(await system.refreshKeys((await row()).id)).toBe('refreshed')
  })
})

describe('F71: an account that is removed', () => {
  it('in the middle of an attempt takes its keys with it', async () => {
    system.lines.sikka.set({ kind: 'hang_answer', when: 'GET /v4/authorized_practices' })
    const { authorizationUrl } = await person.client.pms.startConnection.mutate()
    const { accountId } = await person.client.account.current.query()
    await open(person.browser, await decide(person.browser, authorizationUrl))
    await system.lines.sikka.struck()
    await system.db.account.delete({ where: { id: accountId } })
    system.lines.sikka.heal()
    await system.finishWork()
    await system.until(async () => revocations() === 2)
    expect(await system.secretNames()).toEqual([])
  })

  it('with a connected practice leaves a secret behind, which the sweep finds', async () => {
    await connect(person)
    await system.db.account.delete({ where: { id: (await row()).accountId } })
    await system.sweep()
    await system.until(gone)
    expect(revocations()).toBe(2)
  })

  it('while its user chooses leaves nothing', async () => {
    system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
    const { attemptId } = await connect(person)
    expect(await system.secretNames()).toEqual([`parlae/pms/sikka/attempts/${attemptId}`])
    const { accountId } = await person.client.account.current.query()
    await system.db.account.delete({ where: { id: accountId } })
    await system.sweep()
    await system.until(gone)
    expect(revocations()).toBe(2)
  })
})

describe('the history', () => {
  it('tells what happened, newest first, a page at a time, without a word from outside', async () => {
    system.sikka.setScenario({ code: 'refuse' })
    await connect(person)
    system.sikka.resetScenario()
    await connect(person)
    const { outcome } = await connect(person, 'D00002')
    await choose(person, outcome, 'Maple Street Dental')
    await disconnect()
    const all = await person.client.pms.history.query()
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
      const page = await person.client.pms.history.query({ limit: 4, ...(cursor ? { cursor } : {}) })
      pages.push(page.events)
      cursor = page.nextCursor
    } while (cursor)
    expect(pages.map(({ length }) => length)).toEqual([4, 4, 3])
    expect(pages.flat()).toEqual(all.events)
  })

  it('I6: is the own account’s alone, and empty at first', async () => {
    await connect(person)
    expect(await (await system.newPerson()).client.pms.history.query()).toEqual({ events: [] })
  })

  it.each([{ cursor: '-1' }, { cursor: "1' OR '1'='1" }, { cursor: '9'.repeat(19) }, { limit: 0 }, { limit: 101 }])(
    'refuses %o',
    async (input) => {
      await expect(person.client.pms.history.query(input)).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } })
    },
  )
})
