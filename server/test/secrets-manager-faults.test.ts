import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { connectionErrorText } from '@pms/shared/errors'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byHand, type ByHand } from './harness/by-hand.ts'
import { alarmsIn, forbidSecrets } from './harness/log-lines.ts'
import type { Person } from './harness/person.ts'
import { startSystem, type System } from './harness/system.ts'
import { choose, connect, decide, open, outcomeOf } from './harness/visit.ts'

let system: System
let secrets: ByHand
let aws: SecretsManager
let person: Person
let callsBefore: Record<string, number>

beforeAll(async () => {
  system = await startSystem()
  secrets = byHand(system)
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  aws = new SecretsManager({ region: 'us-east-1', endpoint: system.secretsManager.origin, credentials })
})
afterAll(() => {
  secrets[Symbol.dispose]()
  aws.destroy()
  return system.stop()
})
beforeEach(async () => {
  await system.reset()
  person = await system.newPerson()
  callsBefore = system.secretsManager.calls()
})
afterEach(() => {
  system.secretsManager.heal()
  forbidSecrets(system.log)
})

const row = () => system.db.pmsIntegration.findFirstOrThrow()
const calls = (operation: string) => (system.secretsManager.calls()[operation] ?? 0) - (callsBefore[operation] ?? 0)
const revoked = () => [system.sikka.calls.deleteRequestKey, system.sikka.calls.deleteRefreshKey]
const exchanges = () => Object.values(system.sikka.calls.exchangesByCode)

/** The name of this person's secret. */
async function nameOf(who: Person): Promise<string> {
  return `parlae/pms/sikka/${(await who.client.account.current.query()).accountId}`
}

/** Connected: the row points to a version that is current, the only one besides those. */
async function expectConnected(outcome: Awaited<ReturnType<typeof connect>>['outcome'], others: string[] = []) {
  expect(outcome).toMatchObject({ status: 'connected', practiceName: 'Happy Dental Clinic' })
  const connected = await row()
  await system.until(async () => (await system.currentVersion(connected)) === connected.secretVersionId)
  expect(await system.readSecret(connected)).toMatchObject({ officeId: 'D00001' })
  expect((await secrets.versions(connected)).toSorted()).toEqual([...others, connected.secretVersionId].toSorted())
  expect(exchanges().every((count) => count === 1)).toBe(true)
}

async function expectFailed(
  outcome: Awaited<ReturnType<typeof connect>>['outcome'],
  errorCode: 'CONFIG' | 'STORAGE_UNAVAILABLE',
) {
  expect(outcome).toMatchObject({ status: 'failed', errorCode, error: connectionErrorText[errorCode] })
  const alarms = alarmsIn(system.log).filter(({ msg }) => !msg.startsWith('preflight'))
  expect(alarms).toMatchObject([{ msg: 'practice not connected', errorCode }])
  await system.finishWork()
}

/** Come back from Sikka, and held until the line to Sikka is healed. */
async function heldAtList() {
  system.lines.sikka.set({ kind: 'hang_answer', when: 'GET /v4/authorized_practices' })
  const { authorizationUrl, attemptId } = await person.client.pms.startConnection.mutate()
  await open(person.browser, await decide(person.browser, authorizationUrl))
  await system.lines.sikka.struck()
  return attemptId
}

describe('the name of the secret', () => {
  it('F50: is taken by a secret of a run that died: the keys become its current version', async () => {
    const VersionId = '11111111-2222-4333-8444-555555555555'
    await aws.createSecret({ Name: await nameOf(person), ClientRequestToken: VersionId, SecretString: 'left behind' })
    await expectConnected((await connect(person)).outcome, [VersionId])
    expect([calls('CreateSecret'), calls('PutSecretValue')]).toEqual([2, 1])
  })

  it('F50: is taken by a secret without a version', async () => {
    await aws.createSecret({ Name: await nameOf(person) })
    await expectConnected((await connect(person)).outcome)
    expect([calls('CreateSecret'), calls('PutSecretValue')]).toEqual([2, 1])
  })

  it('F60: is still being deleted: it is waited for, and made again', async () => {
    system.secretsManager.fail({ operation: 'CreateSecret', error: 'InvalidRequestException', times: 2 })
    await expectConnected((await connect(person)).outcome)
    expect(calls('CreateSecret')).toBe(3)
  })

  it('F60: is taken for one call and gone for the next', async () => {
    system.secretsManager.fail({ operation: 'CreateSecret', error: 'ResourceExistsException', times: 1 })
    await expectConnected((await connect(person)).outcome)
    expect([calls('CreateSecret'), calls('PutSecretValue')]).toEqual([2, 1])
  })
})

describe('F52: throttled', () => {
  it.each([
    ['once, by the SDK', 1],
    ['for longer than the SDK tries, by us', 4],
  ])('is ridden out %s', async (_, times) => {
    system.secretsManager.fail({ operation: 'CreateSecret', error: 'ThrottlingException', times })
    await expectConnected((await connect(person)).outcome)
    expect(calls('CreateSecret')).toBe(times + 1)
    expect(alarmsIn(system.log)).toEqual([])
  })

  it.each([
    ['kept for a choice', 'CreateSecret'],
    ['read for a choice', 'GetSecretValue'],
  ])('for longer than the SDK tries, while keys are %s, is ridden out as well', async (_, operation) => {
    system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
    system.secretsManager.fail({ operation, error: 'ThrottlingException', times: 4 })
    const { outcome } = await connect(person)
    expect(outcome).toMatchObject({ status: 'connecting', choices: expect.any(Array) })
    await expectConnected(await choose(person, outcome, 'Happy Dental Clinic'))
  })
})

it('a secret that is made with its keys needs no look at it, and every later version gets one', async () => {
  const { accountId } = await person.client.account.current.query()
  const looks = async () => {
    const [jobs] = await system.db.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int FROM pgboss.job WHERE name = 'settle-secret' AND data->>'accountId' = ${accountId}`
    return jobs?.count
  }
  await expectConnected((await connect(person)).outcome)
  await system.finishWork()
  expect([await looks(), calls('CreateSecret'), calls('DescribeSecret')]).toEqual([0, 1, 0])
  const first = (await row()).secretVersionId
  await expectConnected((await connect(person)).outcome, [first])
  expect(await looks()).toBe(1)
})

describe('F53: written, with the answer lost', () => {
  it.each([
    ['CreateSecret', 'to a reset', 1],
    ['CreateSecret', 'to resets for longer than the SDK tries', 4],
    ['PutSecretValue', 'to a reset', 1],
    ['PutSecretValue', 'to resets as often as the SDK tries', 3],
  ])('I10: by %s %s is one version', async (operation, _, times) => {
    const others: string[] = []
    if (operation === 'PutSecretValue') {
      await connect(person)
      others.push((await row()).secretVersionId)
    }
    system.lines.secretsManager.set({ kind: 'reset_answer', when: `secretsmanager\\.${operation}`, times })
    await expectConnected((await connect(person)).outcome, others)
    expect(system.lines.secretsManager.strikes).toBe(times)
  })

  it('I10: with an error instead, as often as the SDK tries, is one version', async () => {
    system.secretsManager.fail({ operation: 'CreateSecret', error: 'InternalServiceError', done: true, times: 3 })
    await expectConnected((await connect(person)).outcome)
    expect(calls('CreateSecret')).toBe(4)
  })

  it('I10: connects and refreshes together have no more versions than keys were given', async () => {
    for (const operation of ['CreateSecret', 'PutSecretValue', 'UpdateSecretVersionStage']) {
      system.secretsManager.fail({ operation, error: 'ServiceUnavailable', status: 503, done: true, times: 2 })
    }
    await connect(person)
    expect((await connect(person)).outcome.status).toBe('connected')
    await system.makeDue(await row())
    expect(await system.refreshKeys((await row()).id)).toBe('refreshed')
    expect(await secrets.versions(await row())).toHaveLength(3)
  })
})

it('F54: a version of this attempt with other keys is an alarm, and stays; the keys get another version', async () => {
  const attemptId = await heldAtList()
  const Name = await nameOf(person)
  await aws.createSecret({ Name, ClientRequestToken: attemptId, SecretString: 'other bytes' })
  system.lines.sikka.heal()
  await expectConnected(await outcomeOf(person, attemptId), [attemptId])
  expect((await row()).secretVersionId).not.toBe(attemptId)
  const { SecretString } = await aws.getSecretValue({ SecretId: Name, VersionId: attemptId })
  expect(SecretString).toBe('other bytes')
  expect(alarmsIn(system.log)).toMatchObject([{ msg: expect.stringContaining('written as another version') }])
})

describe('refused', () => {
  it.each([
    ['F55', 'AccessDeniedException', 1],
    ['F55', 'EncryptionFailure', 1],
    ['F55', 'DecryptionFailure', 1],
    ['F61', 'ExpiredTokenException', 2],
    ['F61', 'UnrecognizedClientException', 2],
  ])(
    '%s: by %s is an alarm after %i call; the keys are revoked; when it is mended, the next works',
    async (_, error, times) => {
      system.secretsManager.fail({ error })
      const { attemptId, outcome } = await connect(person)
      await expectFailed(outcome, 'CONFIG')
      expect(await system.db.pmsIntegration.count()).toBe(0)
      expect(calls('CreateSecret')).toBe(times)
      expect(revoked()).toEqual([1, 1])
      expect(system.log.join('\n')).not.toMatch(/told to fail|arn:/)
      await system.until(async () => calls('DescribeSecret') > 0)
      system.secretsManager.heal()
      const again = await connect(person)
      await expectConnected(again.outcome)
      expect(again.attemptId).not.toBe(attemptId)
    },
  )

  it('F55: for good, by whatever other name, is an alarm after one call', async () => {
    system.secretsManager.fail({ operation: 'CreateSecret', error: 'ValidationException' })
    await expectFailed((await connect(person)).outcome, 'STORAGE_UNAVAILABLE')
    expect([calls('CreateSecret'), calls('PutSecretValue')]).toEqual([1, 0])
    expect(revoked()).toEqual([1, 1])
  })

  it('F55: what has to be done later is tried later and later', async () => {
    system.secretsManager.fail({ error: 'AccessDeniedException' })
    await connect(person)
    const pauses = () => system.db.$queryRaw<{ seconds: number; tries: number }[]>`
      SELECT EXTRACT(epoch FROM start_after - started_on)::float8 AS seconds, retry_count AS tries FROM pgboss.job
      WHERE name = 'settle-secret' AND state = 'retry'`
    await system.until(async () => (await pauses()).length === 1)
    const [first] = await pauses()
    expect(first?.seconds).toBeGreaterThan(1)
    expect(first?.tries).toBe(0)
  })

  it('F59: for the quota of versions is an alarm after one call, and the connection that works stays', async () => {
    await connect(person)
    const before = await row()
    const keysBefore = await system.readSecret(before)
    system.secretsManager.fail({ operation: 'PutSecretValue', error: 'LimitExceededException' })
    await expectFailed((await connect(person)).outcome, 'CONFIG')
    expect(calls('PutSecretValue'), 'one, and the preflight’s').toBe(2)
    expect(await row()).toEqual(before)
    expect(await system.readSecret(before)).toEqual(keysBefore)
    expect(await person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connected' })
    expect(revoked()).toEqual([1, 1])
  })
})
