import { describe, expect, it } from 'vitest'
import type { PracticePage } from './authorized-practices.ts'
import type { ListedPractice } from './listed-practice.ts'
import { practicePages } from './practice-pages.ts'

const listed = (...officeIds: (string | undefined)[]): ListedPractice[] =>
  officeIds.map((officeId) => ({ officeId, practice: undefined }))
const offices = (from: number, count: number) => listed(...Array.from({ length: count }, (_, i) => `D${from + i}`))
const page = (items: ListedPractice[], total?: number): PracticePage => ({
  listed: items,
  total,
  isFull: items.length >= 50,
})
const nothing: PracticePage = { listed: [], total: 0, isFull: false }

/** How many calls and offices, and whether it was the whole list. */
async function read(ask: (page: number) => PracticePage, calls = 75): Promise<string> {
  const left = { left: calls }
  const seen = new Set<unknown>()
  let isWhole = false
  for await (const each of practicePages(async (number) => ask(number), left)) {
    for (const { officeId } of each.listed) seen.add(officeId)
    ;({ isWhole } = each)
  }
  return `${calls - left.left} calls, ${seen.size} offices, ${isWhole ? 'whole' : 'not whole'}`
}

/** What a server lists of so many offices. */
const honest = (count: number, size: number, total: number | undefined) => (number: number) => {
  const first = number * size
  return first >= count ? nothing : page(offices(first, Math.min(size, count - first)), total)
}

describe('the pages of a list', () => {
  it.each([
    ['one', honest(1, 50, 1), '1 calls, 1 offices, whole'],
    ['none', () => nothing, '1 calls, 0 offices, whole'],
    ['one page that is not full, without a total', honest(49, 50, undefined), '1 calls, 49 offices, whole'],
    ['A12: 50 and no total', honest(50, 50, undefined), '2 calls, 50 offices, whole'],
    ['A12: 120 and no total', honest(120, 50, undefined), '3 calls, 120 offices, whole'],
    ['A12: 100 and no total', honest(100, 50, undefined), '3 calls, 100 offices, whole'],
    ['A12: 120 and a total', honest(120, 50, 120), '3 calls, 120 offices, whole'],
    ['A12: a total of one page alone', honest(120, 50, 50), '3 calls, 120 offices, whole'],
    ['A12: a total of zero', honest(120, 50, 0), '3 calls, 120 offices, whole'],
    ['A12: a total that is too high', honest(3, 50, 60), '2 calls, 3 offices, not whole'],
    [
      'A12: a total that counts on',
      (at) => page(offices(at * 50, 50), at * 50 + 51),
      '75 calls, 3750 offices, not whole',
    ],
    ['A12: pages shorter than a page, with a total', honest(60, 20, 60), '3 calls, 60 offices, whole'],
    [
      'A12: an empty page in between',
      (at) => (at === 1 ? nothing : page(offices(at, 50), 60)),
      '2 calls, 50 offices, not whole',
    ],
    [
      'A7: a server that ignores offset, with a total',
      () => page(offices(0, 50), 60),
      '2 calls, 50 offices, not whole',
    ],
    ['A7: a server that ignores offset, without', () => page(offices(0, 50)), '2 calls, 50 offices, not whole'],
    ['A7: a server that ignores offset and limit', () => page(offices(0, 60), 60), '2 calls, 60 offices, whole'],
    [
      'A7: pages that repeat the one before, in another order',
      (at) => page(offices(0, 50).toSorted(() => at - 1)),
      '2 calls, 50 offices, not whole',
    ],
    [
      'A7: pages of items without an office',
      () => page(listed(...Array.from({ length: 50 }, () => undefined))),
      '2 calls, 1 offices, not whole',
    ],
    ['A7: a list without an end', (at) => page(offices(at * 50, 50)), '75 calls, 3750 offices, not whole'],
    [
      'A7: a list without an end, of large pages',
      (at) => page(offices(at * 2_000, 2_000)),
      '6 calls, 12000 offices, not whole',
    ],
    ['T11: 3,000 offices by pages of 50', honest(3_000, 50, 3_000), '61 calls, 3000 offices, whole'],
    ['T11: 3,000 offices by pages of 500', honest(3_000, 500, 3_000), '7 calls, 3000 offices, whole'],
  ] satisfies [string, (page: number) => PracticePage, string][])('%s', async (_, ask, expected) => {
    expect(await read(ask)).toBe(expected)
  })

  it('T11: end with the calls that are left', async () => {
    expect(await read(honest(3_000, 50, 3_000), 20)).toBe('20 calls, 1000 offices, not whole')
    expect(await read(honest(1, 50, 1), 0)).toBe('0 calls, 0 offices, not whole')
  })
})
