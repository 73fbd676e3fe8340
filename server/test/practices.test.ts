import { describe, expect, it } from 'vitest'
import type { Scenario } from '../sandbox/sikka/scenario.ts'
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

describe('what the code bought is not lost', () => {
  it.each([
    ['A1: a page first', { practicesAnswer: 'html' }],
    ['A1: cut JSON first', { practicesAnswer: 'truncated' }],
    ['A1: nothing first', { practicesAnswer: 'empty' }],
    ['A1: API2005 with 200 first', { practicesAnswer: 'api2005' }],
    ['A1: an unknown code with 200 first', { practicesAnswer: 'unknown_code' }],
    ['A1: a redirect first', { practicesAnswer: 'redirect' }],
    ['A1: our key refused first', { practicesError: 'API2003' }],
    ['A5: API4002 with 200 first', { practicesError: 'API4002' }],
    ['A7: 600,000 empty items first', { practicesAnswer: 'many_parts' }],
    ['A1: an empty list first, as []', { practicesAfter: 2, empty: 'array' }],
    ['A1: an empty list first, as items: null', { practicesAfter: 2, empty: 'items_null' }],
    [
      'A2: an issued_to and refresh key of ""',
      { issuedTo: 'absent', refreshKey: 'missing', absentValues: 'empty_text' },
    ],
    ['A3: white space around keys', { whiteSpace: 'around' }],
    ['A4: all in gzip', { exchangeAnswer: 'gzip', practicesAnswer: 'gzip', errorFor: 'every_call' }],
    ['A4: the list in deflate', { practicesAnswer: 'deflate', errorFor: 'every_call' }],
    ['A4: the list in brotli', { practicesAnswer: 'brotli', errorFor: 'every_call' }],
    [
      'A4: byte order marks',
      { exchangeAnswer: 'byte_order_mark', practicesAnswer: 'byte_order_mark', errorFor: 'every_call' },
    ],
    ['A6: 201', { exchangeAnswer: 'created', practicesAnswer: 'created', errorFor: 'every_call' }],
    ['A9: practice 2 alone', { places: 'second_only' }],
    ['A9: practice 2 alone, issued_to absent', { places: 'second_only', issuedTo: 'absent' }],
    [
      'A12: 120 offices without a total',
      { practices: 'many', manyOffices: 120, pages: 'at_most_50', totalCount: 'missing' },
    ],
    [
      'A12: 120 offices by totals of a page',
      { practices: 'many', manyOffices: 120, pages: 'at_most_50', totalCount: 'of_page' },
    ],
  ] satisfies [string, Partial<Scenario>][])('%s', async (_, scenario) => {
    on.system.sikka.setScenario({ errorFor: 'first_call', ...scenario })
    expect((await connect(on.person)).outcome).toMatchObject({
      status: 'connected',
      practiceName: 'Happy Dental Clinic',
      pmsType: 'Dentrix',
    })
    const secret = await on.system.readSecret(await row())
    for (const key of ['secretKey', 'requestKey'] as const) expect(secret[key]).toMatch(/^\S+$/)
    expect(Object.values(on.system.sikka.calls.exchangesByCode)).toEqual([1])
  })

  it('A8: a name keeps its joiners, and is read in its charset', async () => {
    for (const [practiceName, practicesAnswer] of [
      ['دندان\u200cپزشکی', 'ok'],
      ['Clinique Sainte-Thérèse', 'latin1'],
    ] as const) {
      on.system.sikka.setScenario({ practiceName, practicesAnswer })
      expect((await connect(on.person)).outcome).toMatchObject({ practiceName })
    }
  })

  it.each([
    ['A7: pages that repeat', { practices: 'many_others', manyOffices: 600, pages: 'offset_ignored' }, 6],
    ['A7: a list without an end', { pages: 'endless' }, 75],
    [
      'T11: 3,000 offices of others by pages of 50',
      { practices: 'many_others', manyOffices: 3_000, pages: 'at_most_50' },
      75,
    ],
    ['A12: an empty page in between', { practices: 'many_others', manyOffices: 120, pages: 'gap' }, 6],
  ] satisfies [string, Partial<Scenario>, number][])(
    '%s: not found, within a budget of calls',
    async (_, scenario, calls) => {
      on.system.sikka.setScenario({ ...scenario, officeId: 'X9999' })
      expect((await connect(on.person)).outcome).toMatchObject({ status: 'failed', errorCode: 'NO_PRACTICE' })
      expect(on.system.sikka.calls.authorizedPractices).toBeLessThanOrEqual(calls)
    },
  )
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
