import type { Caller } from '../caller.ts'
import type { Clock } from '../clock.ts'
import { ConnectionFailure } from '../failure.ts'
import { windowSaid, restSaid, windowLength } from './rate-limit-headers.ts'
import type { Answer } from './call.ts'

/** Longest time that a background call waits for its turn, milliseconds; its job comes again. */
const backgroundPatience = 10_000
/** Calls of a window that background calls leave to people: half of a small plan's, these of a large one. */
const mostReserved = 20
/** Calls in a window after which an account goes last: an exchange and a list. */
const fairShare = 2
/** Windows that end at times closer together than this are one: Sikka counts whole seconds. Milliseconds. */
const sameWindow = 2_000

/** What Sikka lets the application do for a while. */
interface Window {
  /** calls that may still be made */
  left: number
  endsAt: number
  /** a new one, of which no answer has told yet */
  isGuessed: boolean
  /** calls made, by account */
  made: Map<string, number>
}

/**
 * Keeps calls back while Sikka wants none (T10 to T12). The application's limit is everybody's: people wait for it as
 * long as they have time, and go before background calls; an account that has had its share goes after the others.
 * What Sikka says of one practice, or to one account, is that account's alone.
 */
export interface RateLimit {
  /**
   * Waits until this call may be sent, and counts it.
   * @throws {ConnectionFailure} PROVIDER_UNAVAILABLE, `limited`, when the signal fires first, or a background call
   * would wait for more than 10 seconds; nothing was sent then
   */
  waitForTurn: (caller: Caller, signal: AbortSignal) => Promise<void>
  /** Learns from an answer, unless it is about one practice. */
  note: (caller: Caller, answer: Answer) => void
  /** Milliseconds until the calls of a new attempt could be sent, after those that wait already. */
  heldBackFor: (caller: Caller) => number
}

export function rateLimit(clock: Clock): RateLimit {
  let window: Window | undefined
  /** calls a window, as Sikka last said */
  let plan = Infinity
  /** the accounts of people's calls that wait for the window's end */
  const waiting: string[] = []
  /** until when an account's calls are held back, after a 503 with `Retry-After` */
  const resting = new Map<string, number>()

  function present(): Window {
    const now = clock.now()
    if (!window || now >= window.endsAt) {
      window = { left: plan, endsAt: now + windowLength, isGuessed: true, made: new Map() }
    }
    return window
  }

  /** Calls that this one has to leave to others. */
  function leftToOthers({ accountId, isWaitedFor }: Caller, { made }: Window): number {
    if (!isWaitedFor) {
      const reserved = Math.max(0, Math.min(mostReserved, Math.ceil(plan / 2), plan - 1))
      return reserved + waiting.length
    }
    if ((made.get(accountId) ?? 0) < fairShare) return 0
    return waiting.filter((other) => other !== accountId).length
  }

  function restOf(accountId: string): number {
    const rest = (resting.get(accountId) ?? 0) - clock.now()
    if (rest <= 0) resting.delete(accountId)
    return Math.max(0, rest)
  }

  /** Milliseconds to wait before another look; 0 when the call may be sent. */
  function pauseFor(caller: Caller): number {
    const now = present()
    const mayGo = now.left > leftToOthers(caller, now)
    return Math.max(restOf(caller.accountId), mayGo ? 0 : now.endsAt - clock.now())
  }

  async function sleep({ accountId, isWaitedFor }: Caller, pause: number, signal: AbortSignal): Promise<boolean> {
    if (isWaitedFor) waiting.push(accountId)
    const slept = await clock.sleep(pause, signal).then(
      () => true,
      () => false,
    )
    if (isWaitedFor) waiting.splice(waiting.indexOf(accountId), 1)
    return slept
  }

  return {
    async waitForTurn(caller, signal) {
      const giveUpAt = caller.isWaitedFor ? Infinity : clock.now() + backgroundPatience
      // Again and again, because others have gone first, or answers have moved it meanwhile.
      for (let pause = pauseFor(caller); pause > 0; pause = pauseFor(caller)) {
        if (clock.now() + pause <= giveUpAt && (await sleep(caller, pause, signal))) continue
        const reason = 'limited'
        throw new ConnectionFailure('PROVIDER_UNAVAILABLE', 'Not sent: Sikka wants no calls for now', { reason })
      }
      const now = present()
      now.left -= 1
      now.made.set(caller.accountId, (now.made.get(caller.accountId) ?? 0) + 1)
    },
    note({ accountId }, answer) {
      const now = clock.now()
      const rest = restSaid(answer)
      if (rest !== undefined) resting.set(accountId, now + rest)
      const said = windowSaid(answer)
      plan = said.plan ?? plan
      if (said.left === undefined) return
      const known = present()
      const endsAt = said.endsIn === undefined ? known.endsAt : now + said.endsIn
      const isNext = said.left > 0 && endsAt > known.endsAt + sameWindow
      if (isNext) window = { left: said.left, endsAt, isGuessed: false, made: new Map() }
      // Other calls may be on their way still.
      else if (known.isGuessed) Object.assign(known, { left: said.left - others(known), endsAt, isGuessed: false })
      // Answers overtake each other: the least holds, and the latest end.
      else Object.assign(known, { left: Math.min(known.left, said.left), endsAt: Math.max(known.endsAt, endsAt) })
    },
    heldBackFor({ accountId }) {
      const { left, endsAt } = present()
      const missing = waiting.length + fairShare - left
      const windows = Math.max(1, Math.ceil(missing / plan))
      const pause = missing <= 0 ? 0 : endsAt - clock.now() + (windows - 1) * windowLength
      return Math.max(pause, restOf(accountId))
    },
  }
}

/** Calls made in a window besides the one that was just answered. */
function others({ made }: Window): number {
  return Math.max(0, [...made.values()].reduce((sum, each) => sum + each, 0) - 1)
}
