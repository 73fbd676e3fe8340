import { describe, expect, it } from 'vitest'
import { stage } from './harness/stage.ts'
import { connect } from './harness/visit.ts'

const on = stage({ practiceDelays: [5, 5] })

const row = () => on.system.db.pmsIntegration.findFirstOrThrow()

describe('AT26, F42: the practice that authorised us', () => {
  it.each([
    ['one practice', {}],
    ['several of the user', { practices: 'several' }],
    ['every office that ever authorised the application', { list: 'application' }],
    ['the same office twice', { practices: 'duplicated' }],
    ['60 offices on two pages, ours on the second', { practices: 'many' }],
    ['one practice, issued_to absent', { issuedTo: 'absent' }],
    ['the same office twice, issued_to absent', { issuedTo: 'absent', practices: 'duplicated' }],
    ['the list wrapped in an array', { envelope: 'array' }],
    ['the type in pms_type', { pmsField: 'pms_type' }],
    ['token_type Bearer, as the brief has it', { tokenType: 'bearer', expiresIn: 'number' }],
    ['F43: the office padded', { officeIdForm: 'padded' }],
    ['an empty list first, as 204', { practicesAfter: 2, empty: '204' }],
    ['an empty list first', { practicesAfter: 2, empty: 'list' }],
    ['F45: 401 first', { practicesAfter: 2, empty: '401' }],
    ['Sikka busy at first', { practicesError: 'API2006', errorFor: 'first_call' }],
  ] as const)('is found with %s', async (_, scenario) => {
    on.system.sikka.setScenario(scenario)
    const { outcome } = await connect(on.person)
    expect(outcome).toMatchObject({ status: 'connected', practiceName: 'Happy Dental Clinic', pmsType: 'Dentrix' })
    expect(await on.system.readSecret(await row())).toMatchObject({ officeId: 'D00001' })
    expect(await on.system.db.pmsIntegration.count()).toBe(1)
  })

  it.each([
    ['F41: none, as 204', { practices: 'none', empty: '204' }, 'NO_PRACTICE'],
    ['F41: none, as an empty list', { practices: 'none', empty: 'list' }, 'NO_PRACTICE'],
    ['F45: 401 for longer than we ask', { practicesAfter: 9, empty: '401' }, 'PROVIDER_ERROR'],
    ['F44: no secret key', { secretKey: 'absent' }, 'BAD_RESPONSE'],
    ['F43: no office', { officeIdForm: 'missing' }, 'BAD_RESPONSE'],
    ['HTML', { practicesAnswer: 'html' }, 'BAD_RESPONSE'],
    ['AT25: a redirect', { practicesAnswer: 'redirect' }, 'BAD_RESPONSE'],
    ['F37: a list of 50 MB', { practicesAnswer: 'huge' }, 'BAD_RESPONSE'],
    ['Sikka broken', { practicesError: 'API2001' }, 'PROVIDER_UNAVAILABLE'],
  ] as const)('%s is %s', async (_, scenario, errorCode) => {
    on.system.sikka.setScenario(scenario)
    expect((await connect(on.person)).outcome).toMatchObject({ status: 'failed', errorCode })
    expect(await on.system.db.pmsIntegration.count()).toBe(0)
    expect(await on.system.secretNames()).toEqual([])
    expect(on.system.sikka.calls.followedRedirects).toBe(0)
  })
})

it('A11: an office is compared in one form, and kept and sent as Sikka writes it, which may tell cases apart', async () => {
  on.system.sikka.setScenario({ officeId: 'd0000a' })
  expect((await connect(on.person)).outcome.status).toBe('connected')
  expect(await row()).toMatchObject({ officeId: 'D0000A' })
  expect(await on.system.readSecret(await row())).toMatchObject({ officeId: 'd0000a' })
  on.system.sikka.setScenario({ refreshError: 'API1026' })
  await on.system.makeDue(await row())
  expect(await on.system.refreshKeys((await row()).id)).toBe('refreshed')
  expect(await on.system.readSecret(await row())).toMatchObject({ officeId: 'd0000a' })
  on.system.sikka.setScenario({ officeId: 'D0000a', refreshError: 'none' })
  const other = await on.system.newPerson()
  expect((await connect(other)).outcome).toMatchObject({ status: 'failed', errorCode: 'CONFLICT' })
})

it('A11: an office is found in a list that writes it in another case than issued_to', async () => {
  on.system.sikka.setScenario({ officeIdForm: 'lower_case' })
  expect((await connect(on.person)).outcome).toMatchObject({ status: 'connected', practiceName: 'Happy Dental Clinic' })
  expect(await row()).toMatchObject({ officeId: 'D00001' })
  expect(await on.system.readSecret(await row())).toMatchObject({ officeId: 'd00001' })
})

describe('AT27, F39: the life of the key', () => {
  it.each([
    ['seconds_text', 7_200],
    ['number_text', 7_200],
    ['number', 7_200],
    ['missing', 3_600],
    ['zero', 3_600],
    ['negative', 3_600],
    ['garbage', 3_600],
    ['empty_text', 3_600],
    ['null', 3_600],
    ['exponent', 3_600],
  ] as const)('%s is %i seconds from its receipt, and never fails a spent code', async (expiresIn, seconds) => {
    on.system.sikka.setScenario({ lifetimeSeconds: 7_200, expiresIn })
    const before = Date.now()
    expect((await connect(on.person)).outcome.status).toBe('connected')
    const life = ((await row()).tokenExpiresAt.getTime() - before) / 1000
    expect(life).toBeGreaterThanOrEqual(seconds - 1)
    expect(life).toBeLessThan(seconds + 5)
  })
})

it('stores no refresh key where none is given', async () => {
  on.system.sikka.setScenario({ refreshKey: 'missing' })
  await connect(on.person)
  expect(await on.system.readSecret(await row())).toMatchObject({ refreshKey: null })
})

it('F11: shows a hostile name as text, without what would turn it around, and no longer than 200', async () => {
  on.system.sikka.setScenario({ practiceName: `<img src=x onerror=alert(1)>\u202e${'x'.repeat(10_000)}` })
  const { outcome } = await connect(on.person)
  expect(outcome.practiceName).toMatch(/^<img src=x onerror=alert\(1\)> x+$/)
  expect(outcome.practiceName).toHaveLength(200)
})
