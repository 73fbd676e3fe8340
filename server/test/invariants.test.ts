import { randomUUID } from 'node:crypto'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { application } from '../sandbox/environment.ts'
import { cookieBrowser } from './harness/browser.ts'
import { violations, watchEndedAttempts } from './harness/invariants.ts'
import { jobsAreDue } from './harness/jobs.ts'
import { stage } from './harness/stage.ts'
import { connect, decide, open } from './harness/visit.ts'

const on = stage()
let changedEnds: () => Promise<string[]>

beforeAll(async () => {
  changedEnds = await watchEndedAttempts(on.system)
})
beforeEach(async () => {
  await on.system.db.$executeRaw`DELETE FROM test_changed_ends`
  await on.system.db.pmsConnectionAttempt.deleteMany()
  await on.system.db.pmsAbandonedSecret.deleteMany()
})

const rows = () => on.system.db.pmsIntegration.findMany()

describe('what has ended', () => {
  it('I4, I11: stays as it ended, whoever comes back to it', async () => {
    const { callback: completed } = await connect(on.person)
    on.system.sikka.setScenario({ code: 'refuse' })
    const { callback: failed } = await connect(on.person)
    on.system.sikka.resetScenario()
    const denied = await on.person.client.pms.startConnection.mutate()
    const denial = await decide(on.person.browser, denied.authorizationUrl, { decision: 'deny' })
    await open(on.person.browser, denial)
    const late = await on.person.client.pms.startConnection.mutate()
    const expired = await decide(on.person.browser, late.authorizationUrl)
    await on.system.db
      .$executeRaw`UPDATE pms_connection_attempts SET "expiresAt" = now() WHERE id = ${late.attemptId}::uuid`
    await open(on.person.browser, expired)
    const { outcome, attemptId: cancelledId, callback: cancelled } = await connect(on.person, 'D00002')
    await on.person.client.pms.disconnect.mutate()

    const attempts = () => on.system.db.pmsConnectionAttempt.findMany({ orderBy: { createdAt: 'asc' } })
    const before = await attempts()
    expect(before.map(({ status }) => status)).toEqual(['COMPLETED', 'FAILED', 'CANCELLED', 'EXPIRED', 'CANCELLED'])
    await on.system.until(async () => (await violations(on.system)).length === 0)
    for (const callback of [completed, failed, denial, expired, cancelled]) {
      const again = new URL(callback)
      await open(on.person.browser, again.href)
      again.searchParams.set('code', 'another-code')
      again.searchParams.delete('error')
      await open(on.person.browser, again.href)
      again.searchParams.delete('code')
      again.searchParams.set('error', 'access_denied')
      await open(on.person.browser, again.href)
    }
    const choice = { attemptId: cancelledId, choiceId: outcome.choices?.[0]?.id ?? '' }
    await expect(on.person.client.pms.choosePractice.mutate(choice)).rejects.toMatchObject({
      data: { code: 'CONFLICT' },
    })
    for (const { id } of before) await on.system.watch(id)
    await jobsAreDue(on.system, 'watch-attempt')
    await on.system.sweep()
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
    await on.person.client.pms.disconnect.mutate()

    expect((await attempts()).slice(0, before.length)).toEqual(before)
    expect(await changedEnds()).toEqual([])
    await on.system.until(async () => (await violations(on.system)).length === 0)
  })
})

describe('what was not verified', () => {
  it('I5: changes no integration, and never reaches Sikka', async () => {
    await connect(on.person)
    const { authorizationUrl } = await on.person.client.pms.startConnection.mutate()
    const callback = await decide(on.person.browser, authorizationUrl, { practice: 'D00002' })
    const other = await on.system.newPerson()
    const others = await other.client.pms.startConnection.mutate()
    await on.system.until(async () => (await violations(on.system)).length === 0)
    const state = async () => {
      const integrations = await rows()
      const secrets = await Promise.all(integrations.map((row) => on.system.readSecret(row)))
      return { integrations, secrets, calls: structuredClone(on.system.sikka.calls) }
    }
    const before = await state()

    const changed = (name: string, value: string) => {
      const url = new URL(callback)
      url.searchParams.set(name, value)
      return url.href
    }
    const signed = new URL(callback).searchParams.get('state') ?? ''
    const othersState = new URL(others.authorizationUrl).searchParams.get('state') ?? ''
    const unverified = [
      [cookieBrowser(), callback],
      [cookieBrowser(), changed('error', 'access_denied')],
      [other.browser, callback],
      [on.person.browser, changed('state', othersState)],
      [on.person.browser, changed('state', `${signed.slice(0, -1)}${signed.endsWith('A') ? 'B' : 'A'}`)],
      [on.person.browser, changed('state', signed.split('.')[0] ?? '')],
      [on.person.browser, `${callback}&state=${signed}`],
    ] as const
    for (const [browser, address] of unverified) await open(browser, address)

    expect(await state()).toEqual(before)
    await open(on.person.browser, callback)
    await on.system.until(async () => on.system.sikka.calls.requestKey.authorization_code === 2)
  })
})

describe('an office', () => {
  it('I2: is ACTIVE for one of ten accounts that connect it at once', async () => {
    const people = await Promise.all(Array.from({ length: 10 }, () => on.system.newPerson()))
    const outcomes = await Promise.all(people.map(async (each) => (await connect(each)).outcome))
    expect(outcomes.filter(({ status }) => status === 'connected')).toHaveLength(1)
    expect(outcomes.filter(({ errorCode }) => errorCode === 'CONFLICT')).toHaveLength(9)
    expect(await rows()).toHaveLength(1)
    await on.system.until(async () => (await violations(on.system)).length === 0)
  })

  it('I2: cannot be ACTIVE twice, nor an account, also by hand', async () => {
    await connect(on.person)
    await connect(await on.system.newPerson(), 'D00002')
    const [first, second] = await rows()
    const { id: _, metadata, ...rest } = { ...first } as NonNullable<typeof first>
    const data = { ...rest, metadata: metadata ?? {} }
    await expect(on.system.db.pmsIntegration.create({ data })).rejects.toMatchObject({ code: 'P2002' })
    const { officeId } = rest
    const taken = on.system.db.pmsIntegration.update({ where: { id: second?.id ?? '' }, data: { officeId } })
    await expect(taken).rejects.toMatchObject({ code: 'P2002' })
  })
})

describe('the look for what must not be', () => {
  const found = async () => (await violations(on.system)).map((violation) => violation.split(':')[0])

  it('finds nothing where nothing is wrong', async () => {
    await connect(on.person)
    await on.system.until(async () => (await violations(on.system)).length === 0)
    expect(await rows()).toHaveLength(1)
  })

  it.each([
    [
      'I1',
      'keys of another office',
      async () => on.system.db.pmsIntegration.updateMany({ data: { officeId: 'D00009' } }),
    ],
    [
      'I1',
      'AWSCURRENT elsewhere',
      async () => on.system.db.pmsIntegration.updateMany({ data: { secretVersionId: randomUUID() } }),
    ],
    [
      'I1',
      'keys that Sikka no longer takes',
      async () => {
        const { requestKey } = await on.system.readSecret((await rows())[0])
        const headers = { 'Request-Key': String(requestKey) }
        await fetch(`${on.system.sikka.origin}/v4/request_key`, { method: 'DELETE', headers })
      },
    ],
    [
      'I3',
      'a code that is sent again',
      async () => {
        const { authorizationUrl } = await on.person.client.pms.startConnection.mutate()
        const code = new URL(await decide(on.person.browser, authorizationUrl)).searchParams.get('code')
        const body = JSON.stringify({
          grant_type: 'authorization_code',
          code,
          app_id: application.appId,
          app_key: application.appKey,
        })
        const exchange = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
        for (const _ of [1, 2]) await fetch(`${on.system.sikka.origin}/v4/request_key`, exchange)
      },
    ],
    ['I7', 'a secret that nobody needs', async () => writeSecret(`parlae/pms/sikka/${randomUUID()}`)],
    [
      'I7',
      'an attempt past its deadline',
      async () => {
        const { attemptId } = await on.person.client.pms.startConnection.mutate()
        await on.system.db.$executeRaw`
          UPDATE pms_connection_attempts SET status = 'STORING', "claimedAt" = now(),
            "deadline" = now() - interval '11 seconds' WHERE id = ${attemptId}::uuid`
      },
    ],
    [
      'I11',
      'a second last event',
      async () => {
        const { id, accountId } = await on.system.db.pmsConnectionAttempt.findFirstOrThrow()
        await on.system.db.pmsAuditEvent.create({ data: { event: 'FAILED', attemptId: id, accountId } })
      },
    ],
    [
      'I11',
      'an end without its event',
      async () => {
        const { attemptId } = await on.person.client.pms.startConnection.mutate()
        await on.system.db.$executeRaw`
          UPDATE pms_connection_attempts SET status = 'FAILED', "finishedAt" = now() WHERE id = ${attemptId}::uuid`
      },
    ],
  ])('finds %s: %s', async (name, _, breakIt) => {
    await connect(on.person)
    await on.system.until(async () => (await violations(on.system)).length === 0)
    await breakIt()
    expect(await found()).toContain(name)
  })

  it('finds I4: an end that is changed', async () => {
    const { attemptId } = await connect(on.person)
    expect(await changedEnds()).toEqual([])
    await on.system.db.$executeRaw`UPDATE pms_connection_attempts SET status = 'FAILED' WHERE id = ${attemptId}::uuid`
    expect(await changedEnds()).toEqual([`I4: ${attemptId} was COMPLETED and became FAILED`])
  })
})

async function writeSecret(Name: string): Promise<void> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const aws = new SecretsManagerClient({ region: 'us-east-1', endpoint: on.system.secretsManager.origin, credentials })
  await aws.send(new CreateSecretCommand({ Name, SecretString: '{}' }))
  aws.destroy()
}
