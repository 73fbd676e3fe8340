import type { ConnectionStatus } from '@pms/shared/connection-status'
import { beforeEach, describe, expect, it } from 'vitest'
import { violations } from './harness/invariants.ts'
import type { Person } from './harness/person.ts'
import { stage, type Stage } from './harness/stage.ts'
import { choose, connect } from './harness/visit.ts'

/** The attempt has failed, nothing was offered, and the person has nothing of the office. */
const nothing = {
  status: 'failed',
  errorCode: 'OFFICE_UNPROVEN',
  error: 'Failed to connect PMS. Please try again.',
  choices: undefined,
  row: null,
  secrets: [],
}

const expiredKey = { practicesError: 'API1025', errorFor: 'first_call' } as const

/** What a stage's tests need, with D00001 of another account. */
function foreign(on: Stage) {
  const rows = () => on.system.db.pmsIntegration.findMany({ orderBy: { createdAt: 'asc' } })
  const rowOf = async (person: Person) => {
    const { accountId } = await person.client.account.current.query()
    return on.system.db.pmsIntegration.findFirst({ where: { accountId } })
  }
  /** Connects as Sikka does when it names the office. */
  const connectNamed = async (officeId = 'D00001') => {
    on.system.sikka.resetScenario()
    on.system.sikka.setScenario({ officeId })
    const person = await on.system.newPerson()
    expect((await connect(person)).outcome).toMatchObject({ status: 'connected' })
    on.system.sikka.resetScenario()
    return person
  }
  const hadOnce = async (officeId = 'D00001') => {
    const person = await connectNamed(officeId)
    await person.client.pms.disconnect.mutate()
    return person
  }
  /** What has come of an attempt: its answer, and what the person has now. */
  const resultOf = async (person: Person, { status, errorCode, error, choices }: ConnectionStatus) => {
    const { accountId } = await person.client.account.current.query()
    await on.system.finishWork()
    const secrets = (await on.system.secretNames()).filter((name) => name.endsWith(accountId))
    return { status, errorCode, error, choices, row: await rowOf(person), secrets }
  }
  return { rows, rowOf, connectNamed, hadOnce, resultOf }
}

describe('without issued_to', () => {
  const on = stage()
  const { rows, rowOf, connectNamed, hadOnce, resultOf } = foreign(on)
  const unnamed = (scenario: Parameters<typeof on.system.sikka.setScenario>[0] = {}) =>
    on.system.sikka.setScenario({ issuedTo: 'absent', ...scenario })

  it.each([
    ['is', async () => connectNamed()],
    ['was, before a disconnect,', hadOnce],
    [
      'is, with keys that Sikka refuses (ERROR),',
      async () => {
        const other = await connectNamed()
        await on.system.db.pmsIntegration.updateMany({ data: { status: 'ERROR', lastError: 'RECONNECT_REQUIRED' } })
        return other
      },
    ],
    [
      'was, before it was replaced,',
      async () => {
        const other = await connectNamed()
        const { outcome } = await connect(other, 'D00002')
        expect(await choose(other, outcome, 'Maple Street Dental')).toMatchObject({ status: 'connected' })
        return other
      },
    ],
    [
      'was, before that account was removed,',
      async () => {
        const other = await connectNamed()
        const { accountId } = await other.client.account.current.query()
        await on.system.db.account.delete({ where: { id: accountId } })
        return undefined
      },
    ],
  ])('AT31, T1: the only office listed %s another account’s: neither connected nor offered', async (_, prepare) => {
    const other = await prepare()
    const before = await rows()
    unnamed()
    const { outcome } = await connect(on.person)
    expect(await resultOf(on.person, outcome)).toEqual(nothing)
    expect(await rows()).toEqual(before)
    on.system.sikka.resetScenario()
    // The twin: Sikka names it, and the office is free or the other account's own.
    const [owner, officeId] = other ? [other, before[0]?.officeId] : [on.person, 'D00001']
    expect((await connect(owner, officeId)).outcome).toMatchObject({ status: 'connected' })
  })

  it('AT31: an office that Sikka names is connected, though it was another account’s', async () => {
    await hadOnce()
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
    await on.system.until(async () => (await violations(on.system)).length === 0)
  })

  it('T1, A2: an office that Sikka names unreadably is not taken for the only one listed', async () => {
    on.system.sikka.setScenario({ issuedTo: 'unreadable' })
    const { outcome } = await connect(on.person)
    expect(await resultOf(on.person, outcome)).toEqual(nothing)
    expect(on.system.sikka.calls.deleteRequestKey).toBeGreaterThan(0)
  })

  it('T1: the own office is connected again, and so is one that was nobody’s', async () => {
    unnamed()
    for (const _ of [1, 2]) expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
    await on.person.client.pms.disconnect.mutate()
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
  })

  it.each([
    ['another of several listed', { practices: 'several' }, 'D01001'],
    ['on a further page', { practices: 'many' }, 'D01059'],
    ['on the first of several pages', { practices: 'many' }, 'D01001'],
    ['in the list of the whole application', { list: 'application' }, 'D00901'],
    ['spelled otherwise', { officeIdForm: 'lower_case' }, 'D00001'],
    ['with blanks around it', { officeIdForm: 'padded' }, 'D00001'],
    ['without a secret key', { secretKey: 'absent' }, 'D00001'],
    ['in a list that is asked for again with refreshed keys (API1025)', expiredKey, 'D00001'],
  ] as const)(
    'AT31, T2: an office that was another account’s, %s: nothing is offered',
    async (_, scenario, officeId) => {
      await hadOnce(officeId)
      unnamed(scenario)
      const { outcome } = await connect(on.person)
      expect(await resultOf(on.person, outcome)).toEqual(nothing)
    },
  )

  it('T2: a list with an office of another account is read no further', async () => {
    await hadOnce('D01001')
    on.system.sikka.resetCalls()
    unnamed({ practices: 'many' })
    expect(await resultOf(on.person, (await connect(on.person)).outcome)).toEqual(nothing)
    expect(on.system.sikka.calls.authorizedPractices).toBe(1)
  })

  it('T1: an office that would replace the connected one is not offered either, and that one stays', async () => {
    await hadOnce()
    await connect(on.person, 'D00002')
    const before = await rowOf(on.person)
    unnamed()
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'failed', errorCode: 'OFFICE_UNPROVEN' })
    expect(await rowOf(on.person)).toEqual(before)
    expect(await on.person.client.pms.connectionStatus.query()).toMatchObject({ status: 'connected' })
  })

  describe('a choice that was offered before', () => {
    beforeEach(() => unnamed({ practices: 'several' }))

    it.each([
      ['the chosen office', 'D00001'],
      ['another one on the list', 'D01002'],
    ])('AT31, T2: is refused once %s was another account’s', async (_, officeId) => {
      const { outcome } = await connect(on.person)
      await hadOnce(officeId)
      unnamed({ practices: 'several' })
      expect(await resultOf(on.person, await choose(on.person, outcome, 'Happy Dental Clinic'))).toEqual(nothing)
    })

    it('AT31, T2: is refused by the server that takes the attempt over as well', async () => {
      const { outcome, attemptId } = await connect(on.person)
      on.system.lines.sikka.set({ kind: 'hang', when: 'GET /v4/authorized_practices', times: 1 })
      const chosen = choose(on.person, outcome, 'Happy Dental Clinic')
      await on.system.lines.sikka.struck()
      const other = await on.system.newPerson()
      const { accountId } = await other.client.account.current.query()
      await on.system.db.$executeRaw`
        INSERT INTO pms_office_owners (provider, "officeKey", "accountId") VALUES ('SIKKA', 'D01002', ${accountId}::uuid)`
      await on.system.db.$executeRaw`
        UPDATE pms_connection_attempts SET "leaseUntil" = now() - interval '1 second' WHERE id = ${attemptId}::uuid`
      await on.system.watch(attemptId)
      on.system.lines.sikka.heal()
      expect(await resultOf(on.person, await chosen)).toEqual(nothing)
    })
  })

  it('AT31: keys of the other account that Sikka hands out again stay alive', async () => {
    const other = await connectNamed()
    const before = await on.system.readSecret((await rows())[0])
    unnamed({ exchangeKeys: 'running' })
    expect(await resultOf(on.person, (await connect(on.person)).outcome)).toEqual(nothing)
    on.system.sikka.resetScenario()
    expect(await on.system.readSecret((await rows())[0])).toEqual(before)
    expect(await violations(on.system)).toEqual([])
    await on.system.makeDue((await rows())[0] ?? { id: '' })
    expect(await on.system.refreshKeys((await rows())[0]?.id ?? '')).toBe('refreshed')
    expect(on.system.sikka.calls.requestKey).toMatchObject({ refresh_key: 1, request_key: 0 })
    expect(await other.client.pms.connectionStatus.query()).toMatchObject({ status: 'connected' })
  })
})

describe('SIKKA_UNNAMED_OFFICE=confirm', () => {
  const on = stage({ environment: { SIKKA_UNNAMED_OFFICE: 'confirm' } })
  const { rows, hadOnce, resultOf } = foreign(on)
  beforeEach(() => on.system.sikka.setScenario({ issuedTo: 'absent' }))

  it('AT31: a single unnamed office is offered as one choice, and connected with a yes', async () => {
    const { outcome } = await connect(on.person)
    expect(outcome).toMatchObject({ status: 'connecting', choices: [{ practiceName: 'Happy Dental Clinic' }] })
    expect(outcome).not.toHaveProperty('replaces')
    expect(await rows()).toEqual([])
    expect(await choose(on.person, outcome, 'Happy Dental Clinic')).toMatchObject({ status: 'connected' })
  })

  it('AT31: a no connects nothing, and its keys are revoked', async () => {
    const { attemptId } = await connect(on.person)
    await on.person.client.pms.declineChoice.mutate({ attemptId })
    await on.system.until(async () => (await on.system.secretNames()).length === 0)
    expect(await rows()).toEqual([])
    expect(on.system.sikka.calls).toMatchObject({ deleteRequestKey: 1, deleteRefreshKey: 1 })
  })

  it('AT31: one that would replace the connected office is asked about once, and says so', async () => {
    on.system.sikka.resetScenario()
    await connect(on.person, 'D00002')
    on.system.sikka.setScenario({ issuedTo: 'absent' })
    const { outcome } = await connect(on.person)
    expect(outcome).toMatchObject({ replaces: 'Maple Street Dental' })
    expect(outcome.choices).toHaveLength(1)
    expect(await choose(on.person, outcome, 'Happy Dental Clinic')).toMatchObject({ status: 'connected' })
  })

  it('AT31: one of another account is not offered; a named one is not asked about', async () => {
    on.system.sikka.resetScenario()
    await hadOnce()
    on.system.sikka.setScenario({ issuedTo: 'absent' })
    expect(await resultOf(on.person, (await connect(on.person)).outcome)).toEqual(nothing)
    on.system.sikka.resetScenario()
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
  })
})

describe('SIKKA_UNNAMED_OFFICE=keys', () => {
  const on = stage({ environment: { SIKKA_UNNAMED_OFFICE: 'keys' } })
  const { rows, resultOf } = foreign(on)

  it.each([['one'], ['several'], ['none']] as const)(
    'AT31: an unnamed office is not taken, with %s listed: no list is read, and the keys are revoked',
    async (practices) => {
      on.system.sikka.setScenario({ issuedTo: 'absent', practices })
      expect(await resultOf(on.person, (await connect(on.person)).outcome)).toEqual(nothing)
      expect(await rows()).toEqual([])
      expect(on.system.sikka.calls).toMatchObject({ authorizedPractices: 0, deleteRequestKey: 1, deleteRefreshKey: 1 })
    },
  )

  it('AT31: a named one is connected', async () => {
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected' })
  })
})
