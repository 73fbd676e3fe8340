import { forgetKept, keep, readKept } from '../kept.ts'

/** In both storages while somebody is signed in; random, and nothing of the person. */
export const sessionMarkKey = 'pms-session'

/** Signing out in one tab signs out all tabs of this browser (P8), those included that sleep and look again later. */
export interface SessionMark {
  /** This tab is signed in, together with the browser's other tabs. */
  join: () => void
  /** Signs out all of them. */
  leave: () => void
  /** This tab is signed out; the others are not concerned. */
  quit: () => void
  /** Another tab has signed out since this one joined. */
  isOver: () => boolean
}

/**
 * A tab that has another mark than the browser was signed out elsewhere. Where the browser keeps nothing for all tabs,
 * each tab signs out alone.
 */
export function sessionMark(tab: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): SessionMark {
  return {
    join() {
      const mark = readKept(sessionMarkKey) ?? Math.random().toString(36).slice(2)
      keep(sessionMarkKey, mark)
      if (readKept(sessionMarkKey) === mark) tab.setItem(sessionMarkKey, mark)
    },
    leave() {
      tab.removeItem(sessionMarkKey)
      forgetKept(sessionMarkKey)
    },
    quit: () => tab.removeItem(sessionMarkKey),
    isOver() {
      const mark = tab.getItem(sessionMarkKey)
      return mark !== null && mark !== readKept(sessionMarkKey)
    },
  }
}
