import type { PracticePage } from './authorized-practices.ts'
import type { ListedPractice } from './listed-practice.ts'

/** Practices in all that are read of a list. */
const mostPractices = 10_000

/** What is left of the calls that an attempt may spend on the list (T11). */
export interface ListCalls {
  left: number
}

/** One page; `isWhole` is true once everything that Sikka says it has was read. */
export interface ReadPage {
  listed: ListedPractice[]
  isWhole: boolean
}

/**
 * The pages of a list, in order: until one is short or empty, or brings nothing new as from a server that ignores
 * `offset` (A7, A12), or no calls are left. A total that is too low ends nothing while pages are full, one that is too
 * high costs one call more.
 */
export async function* practicePages(
  ask: (page: number) => Promise<PracticePage>,
  calls: ListCalls,
): AsyncGenerator<ReadPage, void> {
  const known = new Set<string>()
  let read = 0
  let most = 0
  for (let page = 0; calls.left > 0; page++) {
    calls.left -= 1
    const { listed, total, isFull } = await ask(page)
    const knownBefore = known.size
    for (const each of listed) known.add(identityOf(each))
    const bringsNew = known.size > knownBefore
    if (bringsNew) read += listed.length
    most = Math.max(most, total ?? 0)
    const mayFollow = bringsNew && (isFull || read < most)
    const isCutOff = !bringsNew && isFull && most === 0
    yield { listed: bringsNew ? listed : [], isWhole: !mayFollow && !isCutOff && read >= most }
    if (!mayFollow || read > mostPractices) return
  }
}

/** An item without its office has none: two of them cannot be told apart. */
function identityOf({ officeId, practice }: ListedPractice): string {
  return `${officeId ?? ''} ${practice?.practiceId ?? ''}`
}
