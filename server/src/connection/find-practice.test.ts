import { describe, expect, it } from 'vitest'
import { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import type { ExchangedGrant } from './exchange-code.ts'
import { findPractices, growingPauses } from './find-practice.ts'
import type { SikkaClient as Sikka } from '../sikka/client.ts'
import type { ListedPractice } from '../sikka/listed-practice.ts'

const usable = (officeId: string, practiceId = '1'): ListedPractice => ({
  officeId,
  practice: { officeId, practiceId, secretKey: new Redacted('s'), practiceName: officeId, pmsType: 'Dentrix' },
})
const unusable = (officeId?: string): ListedPractice => ({ officeId, practice: undefined })

/** What findPractices makes of these pages: the office and practice, or the code of its failure. */
async function found(issuedTo: string | undefined, pages: ListedPractice[][], isWhole = true): Promise<string> {
  const sikka: Pick<Sikka, 'practicePages'> = {
    async *practicePages() {
      for (const [index, listed] of pages.entries()) yield { listed, isWhole: isWhole && index === pages.length - 1 }
    },
  }
  const grant = { requestKey: new Redacted('r'), issuedTo } as ExchangedGrant
  try {
    const practices = await findPractices(sikka as Sikka, grant, undefined, AbortSignal.timeout(5_000), [])
    return practices.map(({ officeId, practiceId }) => `${officeId}/${practiceId}`).join(' ')
  } catch (error) {
    return (error as { code: string }).code
  }
}

const threePlaces = [[usable('D1', '2'), usable('D2', '2'), usable('D1', '1')]]

it.each([
  ['the one of issued_to, wherever it stands', 'D3', [[usable('D1'), usable('D2')], [usable('D3')]], 'D3/1'],
  ['the first practice of its office', 'D1', [[usable('D1', '1-1'), usable('D1', '1')]], 'D1/1'],
  ['none', 'D9', [[usable('D1')]], 'NO_PRACTICE'],
  ['ours, among others that cannot be used', 'D1', [[unusable('D2'), usable('D1')]], 'D1/1'],
  ['ours that cannot be used', 'D1', [[usable('D2'), unusable('D1')]], 'BAD_RESPONSE'],
  ['one without its office, which may be ours', 'D1', [[usable('D2'), unusable()]], 'BAD_RESPONSE'],
  ['ours, beside one without its office', 'D1', [[unusable(), usable('D1')]], 'D1/1'],
  ['the only one, issued_to absent', undefined, [[usable('D1')]], 'D1/1'],
  ['the only office, listed twice, issued_to absent', undefined, [[usable('D1', '2'), usable('D1', '1')]], 'D1/1'],
  ['two offices on two pages, issued_to absent', undefined, [[usable('D1')], [usable('D2')]], 'D1/1 D2/1'],
  [
    'more offices than can be chosen from',
    undefined,
    [Array.from({ length: 51 }, (_, i) => usable(`D${i}`))],
    'SEVERAL_PRACTICES',
  ],
  [
    'one that can be used beside one that cannot, issued_to absent',
    undefined,
    [[usable('D1'), unusable('D2')]],
    'BAD_RESPONSE',
  ],
  ['none, issued_to absent', undefined, [[]], 'NO_PRACTICE'],
] as const)('F42: %s', async (_, issuedTo, pages, outcome) => {
  expect(await found(issuedTo, pages as unknown as ListedPractice[][])).toBe(outcome)
})

it.each([
  ['the only practice of its office, number 2', 'D1', [[usable('D1', '2')]], 'D1/2'],
  ['the only practice, number 2, issued_to absent', undefined, [[usable('D1', '2')]], 'D1/2'],
  ['the first one, listed last', 'D1', [[usable('D1', '3'), usable('D1', '2'), usable('D1', '1')]], 'D1/1'],
  ['the first one, on the next page', 'D1', [[usable('D1', '2')], [usable('D1', '1')]], 'D1/1'],
  ['the first listed, where none is the first', 'D1', [[usable('D1', '1-2'), usable('D1', '1-1')]], 'D1/1-2'],
  ['several places of two offices', undefined, threePlaces, 'D1/1 D2/2'],
  ['one whose second place cannot be used', undefined, [[usable('D1'), unusable('D1')]], 'D1/1'],
] satisfies [string, string | undefined, ListedPractice[][], string][])(
  'A9: %s',
  async (_, issuedTo, pages, outcome) => {
    expect(await found(issuedTo, pages)).toBe(outcome)
  },
)

it('F42: the only one seen so far is not the only one, when Sikka has more than it listed', async () => {
  expect(await found(undefined, [[usable('D1')], []], false)).toBe('SEVERAL_PRACTICES')
  expect(await found('D1', [[usable('D1')], []], false)).toBe('D1/1')
})

it('P15: says how many places an office has, where there are several', async () => {
  const listed = [usable('D1', '1'), usable('D1', '1-1'), usable('D1', '1-1'), usable('D2')]
  const sikka: Pick<Sikka, 'practicePages'> = {
    async *practicePages() {
      yield { listed, isWhole: true }
    },
  }
  const grant = { requestKey: new Redacted('r'), issuedTo: undefined } as ExchangedGrant
  const offices = await findPractices(sikka as Sikka, grant, undefined, AbortSignal.timeout(5_000), [])
  expect(offices.map((office) => [office.officeId, office.places])).toEqual([
    ['D1', 2],
    ['D2', undefined],
  ])
})

describe('A1: the list is asked for again', () => {
  const odd = (code: ConnectionFailure['code'], reason?: ConnectionFailure['reason']) =>
    new ConnectionFailure(code, 'odd', reason ? { reason } : {})
  type Listed = ListedPractice[] | ConnectionFailure

  /** Looks for D1 while the list is answered with these, the last one for ever; each takes a call. */
  async function looked(
    answers: Listed[],
    { pauses = endless(0), signal = AbortSignal.timeout(5_000), calls = 75 } = {},
  ) {
    const left = { left: calls }
    const sikka: Pick<Sikka, 'practicePages'> = {
      async *practicePages(_key, _signal, given) {
        const answer = answers[Math.min(calls - given.left, answers.length - 1)] ?? []
        given.left -= 1
        if (answer instanceof ConnectionFailure) throw answer
        yield { listed: answer, isWhole: true }
      },
    }
    const grant = { requestKey: new Redacted('r'), issuedTo: 'D1' } as ExchangedGrant
    const outcome = await findPractices(sikka as Sikka, grant, undefined, signal, pauses, left).then(
      ([{ officeId }]) => officeId,
      (error: unknown) => (error as { code: string }).code,
    )
    return `${outcome} after ${calls - left.left}`
  }

  function* endless(pause: number) {
    for (;;) yield pause
  }

  it.each([
    ['a page or cut JSON', odd('BAD_RESPONSE')],
    ['too large a body', odd('BAD_RESPONSE', 'unclear')],
    ['nothing', []],
    ['another office alone', [usable('D2')]],
    ['an item without its office', [unusable()]],
    ['ours without its secret key', [unusable('D1')]],
    ['trouble', odd('PROVIDER_UNAVAILABLE', 'unclear')],
    ['too many calls', odd('PROVIDER_UNAVAILABLE', 'limited')],
    ['a refused parameter', odd('CONFIG')],
    ['a list that was not read to its end', odd('SEVERAL_PRACTICES', 'unclear')],
  ] satisfies [string, Listed][])('after %s, for as long as there is time', async (_, answer) => {
    expect(await looked([...Array.from({ length: 20 }, () => answer), [usable('D1')]])).toBe('D1 after 21')
  })

  it('after a refusal of the key or the practice five times, and once more in between others', async () => {
    const refusal = odd('PROVIDER_ERROR', 'refused')
    expect(await looked([refusal])).toBe('PROVIDER_ERROR after 6')
    expect(await looked([refusal, odd('BAD_RESPONSE'), refusal, [], [usable('D1')]])).toBe('D1 after 5')
  })

  it.each([
    ['an expired key, which is refreshed', odd('BAD_RESPONSE', 'expired_key')],
    ['who cannot prove to be Sikka (F48)', odd('CONFIG', 'not_sent')],
    ['a lost attempt', odd('INTERRUPTED')],
    ['several offices', odd('SEVERAL_PRACTICES')],
  ])('but not after %s', async (_, answer) => {
    expect(await looked([answer, [usable('D1')]])).toBe(`${answer.code} after 1`)
  })

  it('after pauses that grow to eight seconds and have no end', () => {
    const pauses = growingPauses()
    const first = Array.from({ length: 10 }, () => pauses.next().value)
    expect(first).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000, 8_000])
  })

  it('T11: but not when no calls are left', async () => {
    expect(await looked([[]], { calls: 12 })).toBe('NO_PRACTICE after 12')
  })

  it('until the attempt’s signal says that its time is over, and then says what was wrong', async () => {
    const over = new AbortController()
    function* pauses() {
      for (let looks = 1; ; looks++) {
        if (looks === 4) over.abort()
        yield 0
      }
    }
    expect(await looked([odd('BAD_RESPONSE')], { pauses: pauses(), signal: over.signal })).toBe('BAD_RESPONSE after 4')
  })
})
