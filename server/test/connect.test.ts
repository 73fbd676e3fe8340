import { connectionErrorText } from '@pms/shared/errors'
import { describe, expect, it } from 'vitest'
import { stage } from './harness/stage.ts'
import { connect, decide, open, outcomeOf } from './harness/visit.ts'

const on = stage()

const integrations = () => on.system.db.pmsIntegration.findMany()
const attemptRow = (id: string) => on.system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })

describe('a practice that allows', () => {
  it('I1: is connected: redirect, row, secret and answer', async () => {
    const { accountId } = await on.person.client.account.current.query()
    const before = Date.now()
    const { attemptId, returned, outcome } = await connect(on.person)

    expect(returned).toMatchObject({ status: 303, path: `/agent/setup/pms?status=connecting&attempt=${attemptId}` })

    const [row, ...others] = await integrations()
    expect(others).toEqual([])
    expect(row).toMatchObject({
      accountId,
      provider: 'SIKKA',
      status: 'ACTIVE',
      officeId: 'D00001',
      metadata: {
        secretArn: expect.stringMatching(
          new RegExp(`^arn:aws:secretsmanager:us-east-1:\\d+:secret:parlae/pms/sikka/${accountId}-\\w{6}$`),
        ),
        practiceName: 'Happy Dental Clinic',
        pmsType: 'Dentrix',
      },
      secretVersionId: attemptId,
      lastError: null,
    })
    const life = (row?.tokenExpiresAt.getTime() ?? 0) - before
    expect(life).toBeGreaterThan(86_000_000)
    expect(life).toBeLessThan(86_500_000)

    expect(await on.system.readSecret(row)).toEqual({
      officeId: 'D00001',
      secretKey: expect.any(String),
      requestKey: expect.stringMatching(/^\w{32}$/),
      refreshKey: expect.any(String),
      tokenExpiry: row?.tokenExpiresAt.toISOString(),
      practiceName: 'Happy Dental Clinic',
      practiceId: '1',
      pmsType: 'Dentrix',
    })

    const connected = {
      isConnected: true,
      status: 'connected',
      provider: 'SIKKA',
      practiceName: 'Happy Dental Clinic',
      pmsType: 'Dentrix',
      connectedAt: row?.connectedAt.toISOString(),
      revision: expect.any(String),
      timestamp: expect.any(String),
    }
    expect(outcome).toEqual({ ...connected, attemptId })
    expect(await on.person.client.pms.connectionStatus.query()).toEqual(connected)
  })

  it('leaves an audit of ids and codes, in order', async () => {
    const { accountId } = await on.person.client.account.current.query()
    const { attemptId } = await connect(on.person)
    const events = await on.system.db.pmsAuditEvent.findMany({ where: { attemptId }, orderBy: { id: 'asc' } })
    expect(events.map(({ event }) => event)).toEqual(['STARTED', 'AUTHORIZED', 'CONNECTED'])
    expect(events.every((event) => event.accountId === accountId && event.code === null)).toBe(true)
  })

  it('F49, I3, C31, C58: has its code exchanged once, and no patient’s data asked for', async () => {
    await connect(on.person)
    expect(Object.values(on.system.sikka.calls.exchangesByCode)).toEqual([1])
    expect(on.system.sikka.calls).toMatchObject({ authorizedPractices: 1, clinical: 0 })
  })

  it('is connected by the older registered address too', async () => {
    const started = await on.person.client.pms.startConnection.mutate()
    const callback = new URL(await decide(on.person.browser, started.authorizationUrl))
    callback.pathname = '/agent/setup/pms/callback'
    expect((await open(on.person.browser, callback.href)).path).toBe(
      `/agent/setup/pms?status=connecting&attempt=${started.attemptId}`,
    )
    expect((await outcomeOf(on.person, started.attemptId)).status).toBe('connected')
  })

  it('may come back an hour later to the same account, with a new version of the same secret', async () => {
    const first = await connect(on.person)
    const [before] = await integrations()
    const second = await connect(on.person)
    const [after, ...others] = await integrations()
    expect(others).toEqual([])
    expect(after).toMatchObject({ id: before?.id, metadata: before?.metadata, secretVersionId: second.attemptId })
    expect(first.attemptId).not.toBe(second.attemptId)
    expect(await on.system.readSecret(after)).toMatchObject({ officeId: 'D00001' })
  })
})

describe('while it goes on', () => {
  it('answers the browser within a second, shows the steps as they pass, and ends without the browser', async () => {
    on.system.sikka.setScenario({ exchangeDelayMs: 1_500, practicesDelayMs: 300 })
    const started = await on.person.client.pms.startConnection.mutate()
    const callback = await decide(on.person.browser, started.authorizationUrl)
    const askedAt = performance.now()
    const returned = await open(on.person.browser, callback)
    expect(performance.now() - askedAt).toBeLessThan(1_000)
    expect(returned.path).toBe(`/agent/setup/pms?status=connecting&attempt=${started.attemptId}`)

    const connecting = await on.person.client.pms.connectionStatus.query()
    expect(connecting).toMatchObject({
      isConnected: false,
      status: 'connecting',
      attemptId: started.attemptId,
      step: 'authorized',
    })
    const { claimedAt } = await attemptRow(started.attemptId)
    expect(Date.parse(connecting.deadline ?? '')).toBe((claimedAt?.getTime() ?? 0) + 60_000)

    const next = await on.person.client.pms.connectionStatus.query({ after: connecting.revision, waitSeconds: 20 })
    expect(next).toMatchObject({ status: 'connecting', step: 'keys_received' })
    expect((await outcomeOf(on.person, started.attemptId)).status).toBe('connected')
  })

  it('shows connecting for a connected account that reconnects, and then the new outcome', async () => {
    await connect(on.person)
    on.system.sikka.setScenario({ exchangeDelayMs: 1_000, code: 'refuse' })
    const started = await on.person.client.pms.startConnection.mutate()
    await open(on.person.browser, await decide(on.person.browser, started.authorizationUrl))
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({
      status: 'connecting',
      isConnected: false,
    })
    expect(await outcomeOf(on.person, started.attemptId)).toMatchObject({
      status: 'failed',
      errorCode: 'CODE_REJECTED',
    })
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({
      status: 'connected',
      isConnected: true,
    })
  })

  it('AT16, F24: goes on when the browser has gone at once', async () => {
    const started = await on.person.client.pms.startConnection.mutate()
    const callback = await decide(on.person.browser, started.authorizationUrl)
    on.system.sikka.setScenario({ exchangeDelayMs: 300 })
    const gone = new AbortController()
    const request = open(on.person.browser, callback, { signal: gone.signal })
    await on.system.until(async () => (await attemptRow(started.attemptId)).status !== 'CREATED')
    gone.abort()
    await expect(request).rejects.toThrow('aborted')
    expect((await outcomeOf(on.person, started.attemptId)).status).toBe('connected')
  })
})

describe('a spent code', () => {
  it('is not lost when the database is away for longer than a statement may take', async () => {
    on.system.sikka.setScenario({ exchangeDelayMs: 1_500 })
    const started = await on.person.client.pms.startConnection.mutate()
    await open(on.person.browser, await decide(on.person.browser, started.authorizationUrl))
    await on.system.db.$transaction(
      async (tx) => {
        await tx.$executeRaw`LOCK TABLE pms_connection_attempts IN ACCESS EXCLUSIVE MODE`
        await tx.$executeRaw`SELECT pg_sleep(4)`
        await tx.$executeRaw`SELECT pg_sleep(2)`
      },
      { timeout: 10_000 },
    )
    expect((await outcomeOf(on.person, started.attemptId)).status).toBe('connected')
    expect(on.system.log.join('\n')).not.toContain('not connected')
  })
})

describe('a practice that does not allow', () => {
  it('F17: is told so, and may try again', async () => {
    const started = await on.person.client.pms.startConnection.mutate()
    const callback = await decide(on.person.browser, started.authorizationUrl, { decision: 'deny' })
    expect((await open(on.person.browser, callback)).path).toBe(
      `/agent/setup/pms?error=access_denied&attempt=${started.attemptId}`,
    )
    expect(await outcomeOf(on.person, started.attemptId)).toMatchObject({
      status: 'failed',
      errorCode: 'ACCESS_DENIED',
      error: 'Authorization cancelled. You can try again anytime.',
    })
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({ status: 'pending' })
    expect((await connect(on.person)).outcome.status).toBe('connected')
  })

  it.each([
    ['with a description', 'with_description', /error=access_denied&attempt=/],
    ['without the state', 'without_state', /error=access_denied$/],
  ] as const)('is understood %s', async (_, denial, path) => {
    on.system.sikka.setScenario({ denial })
    const started = await on.person.client.pms.startConnection.mutate()
    const callback = await decide(on.person.browser, started.authorizationUrl, { decision: 'deny' })
    expect((await open(on.person.browser, callback)).path).toMatch(path)
  })

  it('F17: keeps the connection that works', async () => {
    await connect(on.person)
    const before = await integrations()
    const started = await on.person.client.pms.startConnection.mutate()
    await open(on.person.browser, await decide(on.person.browser, started.authorizationUrl, { decision: 'deny' }))
    expect(await integrations()).toEqual(before)
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connected' })
  })
})

describe('an attempt that fails', () => {
  it.each([
    ['F32: a refused code', { code: 'refuse' }, 'CODE_REJECTED'],
    ['F33: our own key refused', { exchangeError: 'API2003' }, 'CONFIG'],
    ['F35: Sikka broken', { exchangeError: 'API2001' }, 'PROVIDER_UNAVAILABLE'],
    ['F34: too many calls', { exchangeError: 'API2011' }, 'PROVIDER_UNAVAILABLE'],
    ['F36: HTML', { exchangeAnswer: 'html' }, 'BAD_RESPONSE'],
    ['F36: nothing', { exchangeAnswer: 'empty' }, 'BAD_RESPONSE'],
    ['F36: cut off', { exchangeAnswer: 'truncated' }, 'BAD_RESPONSE'],
    ['F36: the wrong type', { exchangeAnswer: 'wrong_type' }, 'BAD_RESPONSE'],
    ['F36: no key', { exchangeAnswer: 'missing_request_key' }, 'BAD_RESPONSE'],
    ['F37: 50 MB', { exchangeAnswer: 'huge' }, 'BAD_RESPONSE'],
    ['F37: a gzip bomb', { exchangeAnswer: 'gzip_bomb' }, 'BAD_RESPONSE'],
    ['AT25, F38: a redirect', { exchangeAnswer: 'redirect' }, 'BAD_RESPONSE'],
  ] as const)('%s is %s in the words of the contract', async (_, scenario, errorCode) => {
    on.system.sikka.setScenario(scenario)
    const { attemptId, outcome } = await connect(on.person)
    expect(outcome).toMatchObject({ status: 'failed', attemptId, errorCode, error: connectionErrorText[errorCode] })
    expect(await attemptRow(attemptId)).toMatchObject({ status: 'FAILED', errorCode, finishedAt: expect.any(Date) })
    expect(await integrations()).toEqual([])
    expect(on.system.sikka.calls).toMatchObject({ followedRedirects: 0, requestKey: { authorization_code: 1 } })
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({ status: 'pending' })
  })

  it.each(['sikka', 'oauth', 'html', 'empty'] as const)(
    'F32: understands a refused code in the shape %s',
    async (errorShape) => {
      on.system.sikka.setScenario({ code: 'refuse', errorShape })
      expect((await connect(on.person)).outcome.errorCode).toBe('CODE_REJECTED')
    },
  )

  it('says so in the address when it failed before the browser was answered', async () => {
    on.system.sikka.setScenario({ code: 'refuse' })
    const { attemptId, returned } = await connect(on.person)
    expect(returned.path).toBe(`/agent/setup/pms?status=error&attempt=${attemptId}`)
  })

  it('F16: has come back with neither code nor error, or with an error nobody knows', async () => {
    for (const scenario of [{ return: 'nothing' }, { return: 'other_error' }] as const) {
      on.system.sikka.setScenario(scenario)
      const { outcome, returned, attemptId } = await connect(on.person)
      expect(returned.path).toBe(`/agent/setup/pms?status=error&attempt=${attemptId}`)
      expect(outcome.errorCode).toBe('PROVIDER_ERROR')
    }
  })
})

describe('AT12: a practice of another account', () => {
  it('is refused, and the other account’s row and secret stay as they are', async () => {
    await connect(on.person)
    const before = await integrations()
    const secretBefore = await on.system.readSecret(before[0])

    const other = await on.system.newPerson()
    const { outcome } = await connect(other)
    expect(outcome).toMatchObject({
      status: 'failed',
      errorCode: 'CONFLICT',
      error: 'This practice is already connected to another account.',
    })
    expect(await integrations()).toEqual(before)
    expect(await on.system.readSecret(before[0])).toEqual(secretBefore)
    const { accountId } = await other.client.account.current.query()
    expect(await on.system.secretNames()).not.toContain(`parlae/pms/sikka/${accountId}`)
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connected' })
  })

  it('F46, I2: is given to one of two accounts that allow it at the same time', async () => {
    const people = [on.person, await on.system.newPerson()]
    const outcomes = await Promise.all(people.map(async (each) => (await connect(each)).outcome))
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['connected', 'failed'])
    expect(outcomes.map(({ errorCode }) => errorCode)).toContain('CONFLICT')
    expect(await integrations()).toHaveLength(1)
    expect(await on.system.secretNames()).toHaveLength(1)
  })
})
