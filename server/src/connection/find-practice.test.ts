import { expect, it } from 'vitest'
import { Redacted } from '../config/redacted.ts'
import type { ExchangedGrant } from './exchange-code.ts'
import { findPractices } from './find-practice.ts'
import type { ListedPractice, Sikka } from './ports.ts'

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

it.each([
  ['the one of issued_to, wherever it stands', 'D3', [[usable('D1'), usable('D2')], [usable('D3')]], 'D3/1'],
  ['the first practice of its office', 'D1', [[usable('D1', '1-1'), usable('D1', '1')]], 'D1/1'],
  ['none', 'D9', [[usable('D1')]], 'NO_PRACTICE'],
  ['ours, among others that cannot be used', 'D1', [[unusable('D2'), usable('D1')]], 'D1/1'],
  ['ours that cannot be used', 'D1', [[usable('D2'), unusable('D1')]], 'BAD_RESPONSE'],
  ['one without its office, which may be ours', 'D1', [[usable('D2'), unusable()]], 'BAD_RESPONSE'],
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
  expect(offices.map(({ officeId, places }) => [officeId, places])).toEqual([
    ['D1', 2],
    ['D2', undefined],
  ])
})
