import { connectionErrorText } from '@pms/shared/errors'
import { afterEach, describe, expect, it } from 'vitest'
import type { Scenario } from '../sandbox/sikka/scenario.ts'
import { alarmsIn, forbidSecrets, secretsIn } from './harness/log-lines.ts'
import { stage } from './harness/stage.ts'
import { choose, connect, decide, open, outcomeOf } from './harness/visit.ts'

const on = stage()
afterEach(() => {
  forbidSecrets(on.system.log)
})

const row = () => on.system.db.pmsIntegration.findFirstOrThrow()
const attemptRow = (id: string) => on.system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })
const exchanges = () => Object.values(on.system.sikka.calls.exchangesByCode)
const revoked = () => [on.system.sikka.calls.deleteRequestKey, on.system.sikka.calls.deleteRefreshKey]

/** Milliseconds from the callback of one attempt to the end of another, by the database's clock. */
async function timeBetween(from: { attemptId: string }, to: { attemptId: string }): Promise<number> {
  const [{ claimedAt }, { finishedAt }] = [await attemptRow(from.attemptId), await attemptRow(to.attemptId)]
  return (finishedAt?.getTime() ?? 0) - (claimedAt?.getTime() ?? 0)
}

/** It failed in this way, without a trace but its own row and its log. */
async function expectFailed(
  { attemptId, outcome }: Awaited<ReturnType<typeof connect>>,
  errorCode: keyof typeof connectionErrorText,
) {
  expect(outcome).toMatchObject({ status: 'failed', errorCode, error: connectionErrorText[errorCode] })
  expect(await attemptRow(attemptId)).toMatchObject({ status: 'FAILED', errorCode })
  await on.system.finishWork()
  expect(await on.system.db.pmsIntegration.count()).toBe(0)
  expect(await on.system.secretNames()).toEqual([])
}

/** After all, with Sikka as it should be. */
async function expectConnects(who = on.person) {
  on.system.lines.sikka.heal()
  on.system.sikka.resetScenario()
  expect((await connect(who)).outcome).toMatchObject({ status: 'connected', practiceName: 'Happy Dental Clinic' })
}

it('C25: what these tests call a secret is what the keys, codes and our own key look like', async () => {
  const { callback } = await connect(on.person)
  const { secretKey, requestKey, refreshKey } = await on.system.readSecret(await row())
  const code = new URL(callback).searchParams.get('code')
  const secrets = [secretKey, requestKey, refreshKey, code, on.system.variables['SIKKA_APP_KEY']].map(String)
  expect(secretsIn(JSON.stringify(secrets))).toEqual(secrets)
})

describe('the exchange', () => {
  it('F29: waits while nobody listens, and is made once when somebody does', async () => {
    on.system.lines.sikka.set({ kind: 'cut' })
    const { authorizationUrl, attemptId } = await on.person.client.pms.startConnection.mutate()
    const returned = await open(on.person.browser, await decide(on.person.browser, authorizationUrl))
    expect(returned.path).toBe(`/agent/setup/pms?status=connecting&attempt=${attemptId}`)
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({
      status: 'connecting',
      step: 'authorized',
    })
    expect(exchanges()).toEqual([])
    on.system.lines.sikka.heal()
    expect(await outcomeOf(on.person, attemptId)).toMatchObject({ status: 'connected' })
    expect(exchanges()).toEqual([1])
  })

  it('F31: that was done, its answer lost in a reset, is not made again; the user may connect anew', async () => {
    on.system.lines.sikka.set({ kind: 'reset_answer', when: 'POST /v4/request_key' })
    await expectFailed(await connect(on.person), 'PROVIDER_UNAVAILABLE')
    expect(on.system.lines.sikka.strikes).toBe(1)
    expect(exchanges()).toEqual([1])
    expect(revoked(), 'nobody but Sikka knows the keys').toEqual([0, 0])
    await expectConnects()
    expect(exchanges()).toEqual([1, 1])
  })

  it('F31: that was reset on its way may have been done, and is not made again either', async () => {
    on.system.lines.sikka.set({ kind: 'reset', when: 'POST /v4/request_key' })
    await expectFailed(await connect(on.person), 'PROVIDER_UNAVAILABLE')
    expect(on.system.lines.sikka.strikes).toBe(1)
    await expectConnects()
    expect(exchanges()).toEqual([1])
  })

  it.each(['API2003', 'API2004', 'API1001'] as const)(
    'F33: our application refused (%s) is an alarm each time, a neutral text, and no reason to stop asking',
    async (exchangeError) => {
      on.system.sikka.setScenario({ exchangeError })
      for (let attempt = 0; attempt < 6; attempt++) await expectFailed(await connect(on.person), 'CONFIG')
      expect(alarmsIn(on.system.log).map(({ errorCode }) => errorCode)).toEqual(
        Array.from({ length: 6 }, () => 'CONFIG'),
      )
      expect(exchanges()).toEqual([1, 1, 1, 1, 1, 1])
      await expectConnects()
    },
  )

  it('F32: refused codes are no alarm, and no reason to stop asking', async () => {
    for (const errorShape of ['sikka', 'oauth', 'html', 'empty', 'sikka', 'html'] as const) {
      on.system.sikka.setScenario({ code: 'refuse', errorShape })
      await expectFailed(await connect(on.person), 'CODE_REJECTED')
    }
    expect(alarmsIn(on.system.log)).toEqual([])
    await expectConnects()
  })

  it('F34: too many calls: it is not made again; the next attempt’s waits for the reset', async () => {
    on.system.sikka.setScenario({ exchangeError: 'API2011', errorShape: 'empty', rateLimitResetSeconds: 1 })
    const first = await connect(on.person)
    await expectFailed(first, 'PROVIDER_UNAVAILABLE')
    expect(exchanges()).toEqual([1])
    on.system.sikka.resetScenario()
    const next = await connect(on.person)
    expect(next.outcome.status).toBe('connected')
    expect(await timeBetween(first, next)).toBeGreaterThanOrEqual(1_000)
    expect(exchanges()).toEqual([1, 1])
  })

  it.each([
    ['500', { exchangeError: 'API2001' }],
    ['503, as a page', { exchangeError: 'API2002', errorShape: 'html' }],
    ['500, in the words of OAuth', { exchangeError: 'API2006', errorShape: 'oauth' }],
    ['504, without a word', { exchangeError: 'API2022', errorShape: 'empty' }],
  ] as const)('F35: answered %s may have been done, and is not made again', async (_, scenario) => {
    on.system.sikka.setScenario(scenario)
    await expectFailed(await connect(on.person), 'PROVIDER_UNAVAILABLE')
    expect(exchanges()).toEqual([1])
    await expectConnects()
  })

  it.each(['html', 'truncated', 'wrong_type', 'missing_request_key'] as const)(
    'F36: answered with what cannot be read (%s) is an alarm that repeats nothing of it',
    async (exchangeAnswer) => {
      on.system.sikka.setScenario({ exchangeAnswer })
      await expectFailed(await connect(on.person), 'BAD_RESPONSE')
      expect(alarmsIn(on.system.log)).toMatchObject([{ msg: 'practice not connected', errorCode: 'BAD_RESPONSE' }])
      expect(on.system.log.join('\n')).not.toMatch(/Welcome|doctype|issued_to|href|D00001/)
      expect(exchanges()).toEqual([1])
      await expectConnects()
    },
  )

  it('F40: the life of the keys is not what end_time says', async () => {
    on.system.sikka.setScenario({ endTime: 'past', lifetimeSeconds: 7_200 })
    const before = Date.now()
    expect((await connect(on.person)).outcome.status).toBe('connected')
    const life = ((await row()).tokenExpiresAt.getTime() - before) / 1000
    expect(life).toBeGreaterThan(7_199)
    expect(life).toBeLessThan(7_205)
  })
})

describe('the list of practices', () => {
  it('F34: is asked for again once the reset is over', async () => {
    on.system.sikka.setScenario({
      practicesError: 'API2011',
      errorFor: 'first_call',
      errorShape: 'empty',
      rateLimitResetSeconds: 1,
    })
    const attempt = await connect(on.person)
    expect(attempt.outcome.status).toBe('connected')
    expect(await timeBetween(attempt, attempt)).toBeGreaterThanOrEqual(1_000)
    expect(on.system.sikka.calls.authorizedPractices).toBe(2)
    expect(exchanges()).toEqual([1])
  })

  it('F45: is asked for again while the key is not active yet, the code never', async () => {
    on.system.sikka.setScenario({ practicesAfter: 2, empty: '401' })
    expect((await connect(on.person)).outcome.status).toBe('connected')
    expect(on.system.sikka.calls.authorizedPractices).toBe(3)
    expect(exchanges()).toEqual([1])
  })

  it.each([
    ['F41: empty, as 204', { practices: 'none', empty: '204' }, 'NO_PRACTICE', 3],
    ['F41: empty, as a list', { practices: 'none', empty: 'list' }, 'NO_PRACTICE', 3],
    ['F41: of others alone', { practices: 'others_only' }, 'NO_PRACTICE', 3],
    ['F45: 401 for longer than we ask', { practicesAfter: 9, empty: '401' }, 'PROVIDER_ERROR', 3],
    ['F35: 500 for longer than we ask', { practicesError: 'API2001' }, 'PROVIDER_UNAVAILABLE', 3],
    ['F44: without the secret key', { secretKey: 'absent' }, 'BAD_RESPONSE', 3],
    ['F36: a page', { practicesAnswer: 'html' }, 'BAD_RESPONSE', 3],
    ['F36: half of it', { practicesAnswer: 'truncated' }, 'BAD_RESPONSE', 3],
    ['F36: of another type', { practicesAnswer: 'wrong_type' }, 'BAD_RESPONSE', 3],
    ['F37: 50 MB', { practicesAnswer: 'huge' }, 'BAD_RESPONSE', 3],
    ['F37: a gzip bomb', { practicesAnswer: 'gzip_bomb' }, 'BAD_RESPONSE', 3],
    ['AT25, F38: a redirect', { practicesAnswer: 'redirect' }, 'BAD_RESPONSE', 3],
  ] satisfies [string, Partial<Scenario>, keyof typeof connectionErrorText, number][])(
    '%s: the keys are revoked at Sikka, and nothing is left',
    async (_, scenario, errorCode, asked) => {
      on.system.sikka.setScenario(scenario)
      await expectFailed(await connect(on.person), errorCode)
      expect(revoked()).toEqual([1, 1])
      expect(on.system.sikka.calls).toMatchObject({ authorizedPractices: asked, followedRedirects: 0 })
      expect(exchanges()).toEqual([1])
      await expectConnects()
    },
  )

  it('F44: shows another secret key than before: it is the one that is kept, and works', async () => {
    await connect(on.person)
    const before = await on.system.readSecret(await row())
    on.system.sikka.setScenario({ secretKey: 'changes' })
    expect((await connect(on.person)).outcome.status).toBe('connected')
    await on.system.until(async () => (await on.system.currentVersion(await row())) === (await row()).secretVersionId)
    const after = await on.system.readSecret(await row())
    expect(after).toMatchObject({ officeId: before['officeId'] })
    expect(after['secretKey']).not.toBe(before['secretKey'])
    on.system.sikka.setScenario({ secretKey: 'stays', refreshError: 'API1026' })
    await on.system.makeDue(await row())
    expect(await on.system.refreshKeys((await row()).id)).toBe('refreshed')
    expect(on.system.sikka.calls.requestKey).toMatchObject({ refresh_key: 1, request_key: 1 })
  })

  it.each([
    ['in lower case', { officeIdForm: 'lower_case', issuedTo: 'absent' }, 'D00001'],
    ['padded', { officeIdForm: 'padded', issuedTo: 'absent' }, 'D00001'],
    ['as a number', { officeIdForm: 'number', officeId: '100200' }, '100200'],
  ] as const)('F43: an office written %s is the same office for everybody', async (_, scenario, officeId) => {
    on.system.sikka.setScenario(scenario)
    expect((await connect(on.person)).outcome.status).toBe('connected')
    expect(await row()).toMatchObject({ officeId })
    on.system.sikka.setScenario({ officeIdForm: 'text', issuedTo: 'present' })
    const other = await on.system.newPerson()
    expect((await connect(other)).outcome).toMatchObject({ status: 'failed', errorCode: 'CONFLICT' })
    expect(await on.system.db.pmsIntegration.count()).toBe(1)
  })
})

it('F49: nothing clinical is asked for in the whole life of a connection, and it would be noticed', async () => {
  await connect(on.person)
  await on.system.makeDue(await row())
  expect(await on.system.refreshKeys((await row()).id)).toBe('refreshed')
  const { outcome } = await connect(on.person, 'D00002')
  expect((await choose(on.person, outcome, 'Maple Street Dental')).status).toBe('connected')
  await on.person.client.pms.disconnect.mutate()
  await on.system.until(async () => (await on.system.secretNames()).length === 0)
  expect(revoked().every((count) => count > 0)).toBe(true)
  expect(on.system.sikka.calls).toMatchObject({ clinical: 0, dataSyncStatus: 0, healthCheck: 0, requestKeyInfo: 0 })
  await fetch(`${on.system.sikka.origin}/v4/patients?limit=1`)
  expect(on.system.sikka.calls.clinical).toBe(1)
})
