import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { alarmsIn, forbidSecrets } from './harness/log-lines.ts'
import type { Person } from './harness/person.ts'
import { startSystem, type System } from './harness/system.ts'
import { connect, decide, open, outcomeOf } from './harness/visit.ts'

let system: System
let aws: SecretsManager
let person: Person

beforeAll(async () => {
  system = await startSystem()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  aws = new SecretsManager({ region: 'us-east-1', endpoint: system.secretsManager.origin, credentials })
})
afterAll(() => {
  aws.destroy()
  return system.stop()
})
beforeEach(async () => {
  await system.reset()
  person = await system.newPerson()
})
afterEach(() => {
  forbidSecrets(system.log)
})

const row = () => system.db.pmsIntegration.findFirstOrThrow()
const nameOf = async () => `parlae/pms/sikka/${(await person.client.account.current.query()).accountId}`

/** The keys as another attempt has stored them, to be what a worker wrote before it died. */
async function goodKeys(): Promise<string> {
  const other = await system.newPerson()
  await connect(other)
  const keys = JSON.stringify(await system.readSecret(await row()))
  await system.db.pmsIntegration.deleteMany()
  return keys
}

/**
 * An attempt whose worker has died while it stored: its lease is over, and so much of the secret is written. The
 * worker itself, held in its last call, finds out that it has lost the attempt.
 */
async function leftWhileStoring(written?: string): Promise<string> {
  system.lines.sikka.set({ kind: 'hang_answer', when: 'GET /v4/authorized_practices' })
  const { authorizationUrl, attemptId } = await person.client.pms.startConnection.mutate()
  await open(person.browser, await decide(person.browser, authorizationUrl))
  await system.lines.sikka.struck()
  if (written) await aws.createSecret({ Name: await nameOf(), ClientRequestToken: attemptId, SecretString: written })
  await system.db.$executeRaw`
    UPDATE pms_connection_attempts
    SET status = 'STORING', "officeId" = 'D00001', "leaseToken" = "leaseToken" + 1, "leaseUntil" = now() - interval '1 second'
    WHERE id = ${attemptId}::uuid`
  return attemptId
}

/** Jobs that will look after the attempt. */
const waitingJobs = async (attemptId: string) => {
  const jobs = await system.db.$queryRaw<unknown[]>`
    SELECT 1 FROM pgboss.job
    WHERE name = 'watch-attempt' AND data->>'attemptId' = ${attemptId} AND state IN ('created', 'retry')`
  return jobs.length
}

describe('F58: a recovery', () => {
  it('finds what was written, and the practice is connected', async () => {
    const attemptId = await leftWhileStoring(await goodKeys())
    await system.watch(attemptId)
    expect(await outcomeOf(person, attemptId)).toMatchObject({ status: 'connected' })
    expect(await row()).toMatchObject({ officeId: 'D00001', secretVersionId: attemptId })
  })

  it('finds it also when somebody has put something else on top by hand, and makes it current', async () => {
    const attemptId = await leftWhileStoring(await goodKeys())
    await aws.putSecretValue({ SecretId: await nameOf(), SecretString: 'by hand' })
    await system.watch(attemptId)
    expect(await outcomeOf(person, attemptId)).toMatchObject({ status: 'connected' })
    expect(await system.currentVersion(await row())).toBe(attemptId)
    expect(await system.readSecret(await row())).toMatchObject({ officeId: 'D00001' })
  })

  it.each([
    ['no JSON', () => 'by hand'],
    ['JSON of another form', () => '{"officeId":"D00001"}'],
    ['keys of another office', async () => (await goodKeys()).replace('"D00001"', '"D00002"')],
    ['nothing', () => undefined],
  ])('that finds %s ends the attempt at once, and the user may connect anew', async (_, written) => {
    const attemptId = await leftWhileStoring(await written())
    await system.watch(attemptId)
    expect(await outcomeOf(person, attemptId)).toMatchObject({ status: 'failed', errorCode: 'INTERRUPTED' })
    expect(await system.db.pmsIntegration.count()).toBe(0)
    await system.until(async () => !(await system.secretNames()).includes(await nameOf()))
    system.lines.sikka.heal()
    expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
  })

  it('that finds what it cannot read says so to whoever runs the server', async () => {
    await system.watch(await leftWhileStoring('by hand'))
    expect(alarmsIn(system.log)).toMatchObject([{ msg: expect.stringContaining('cannot be read') }])
  })
})

it('F55: a recovery that is not let in is tried again and again, in one job each time, until that is mended', async () => {
  const attemptId = await leftWhileStoring(await goodKeys())
  const before = await waitingJobs(attemptId)
  system.secretsManager.fail({ operation: 'GetSecretValue', error: 'AccessDeniedException' })
  for (let look = 0; look < 5; look++) {
    await system.watch(attemptId)
    expect(await person.client.pms.connectionStatus.query({ attemptId })).toMatchObject({ status: 'connecting' })
  }
  expect(await waitingJobs(attemptId), 'one more for each of our looks').toBeLessThanOrEqual(before + 5)
  system.secretsManager.heal()
  expect(await outcomeOf(person, attemptId)).toMatchObject({ status: 'connected' })
  expect(await row()).toMatchObject({ secretVersionId: attemptId })
})
