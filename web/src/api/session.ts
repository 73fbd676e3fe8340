import type { PageConfig } from '@pms/shared/page-config'
import { signInCallbackPath } from '@pms/shared/setup-redirect'
import { personName } from './person-name.ts'
import { returnPath } from './return-path.ts'
import type { SessionMark } from './session-mark.ts'
import { SignInFailure, type SignInLibrary } from './sign-in.ts'
import { readStoredUser, userKey, type StoredUser } from './stored-user.ts'
import { createTokens, type Tokens } from './tokens.ts'

/** Where somebody stands with the sign-in. */
export type SessionState =
  | { kind: 'signed-in'; person: Person }
  /** `ended`: it was signed in a moment ago */
  | { kind: 'signed-out'; ended: boolean }
  /** the browser goes to the provider, comes from there, or ends the session there */
  | { kind: 'leaving' | 'arriving' | 'signing-out' }
  /** the sign-in did not come about; `isPassing`: through nobody's refusal */
  | { kind: 'problem'; isPassing: boolean }

export interface Person {
  /** `sub` of the ID token */
  subject: string
  /** how the page calls the person */
  name: string
}

/** The session of this tab. Tokens and the half-done sign-in are kept in sessionStorage only. */
export interface Session {
  tokens: Tokens
  /** Reads what the provider sent back, if the page is where it sends to; once, however often it is called. */
  begin: () => void
  state: () => SessionState
  /** @returns how to stop hearing of changes */
  onChange: (listener: () => void) => () => void
  /** Leaves for the provider's page, and comes back to where the page is now. */
  signIn: () => Promise<void>
  signOut: () => Promise<void>
  /** Loads what a sign-in takes, so that it begins at once. */
  prepare: () => void
  /** The browser shows the page as it was left for the provider: it is where it was before. */
  lookAgain: () => void
  /** Another tab may have signed out. */
  hear: () => void
}

export interface SessionParts {
  origin: string
  /** of the page, as it is when the session begins */
  path: string
  storage: Pick<Storage, 'getItem' | 'removeItem'>
  mark: SessionMark
  /** Removes what this browser has kept of the person. */
  forget: () => void
  loadLibrary: () => Promise<SignInLibrary>
  /** where the page is now, and how to bring it elsewhere */
  place: { current: () => string; replace: (path: string) => void }
}

export function createSession(config: PageConfig, parts: SessionParts): Session {
  const { origin, storage, place, mark } = parts
  const key = userKey(config)
  const listeners = new Set<() => void>()
  let library: Promise<SignInLibrary> | undefined
  let arriving: Promise<void> | undefined
  /** where to go on after a sign-in that failed and is tried again */
  let returnTo: string | undefined
  let state: SessionState = parts.path === signInCallbackPath ? { kind: 'arriving' } : standing()

  function user(): StoredUser | undefined {
    return readStoredUser(storage.getItem(key))
  }

  function standing(ended = false): SessionState {
    if (mark.isOver()) return signedOutElsewhere()
    const kept = user()
    if (!kept) return { kind: 'signed-out', ended }
    mark.join()
    return { kind: 'signed-in', person: { subject: String(kept.profile['sub']), name: personName(kept.profile) } }
  }

  /** Each tab has tokens of its own: they are revoked while the person is gone from the screen already. */
  function signedOutElsewhere(): SessionState {
    const stored = storage.getItem(key)
    storage.removeItem(key)
    mark.quit()
    if (stored === null) return { kind: 'signed-out', ended: false }
    load()
      .then(({ revoke }) => revoke(stored))
      .catch(() => undefined)
    return { kind: 'signed-out', ended: true }
  }

  function become(next: SessionState): void {
    state = next
    for (const listener of listeners) listener()
  }

  /** A library that could not be loaded is loaded anew the next time. */
  function load(): Promise<SignInLibrary> {
    library ??= parts.loadLibrary().catch((error: unknown) => {
      library = undefined
      throw new SignInFailure(true, undefined, { cause: error })
    })
    return library
  }

  function fail(error: unknown): void {
    if (error instanceof SignInFailure && error.state !== undefined) {
      returnTo = returnPath(error.state, origin, signInCallbackPath)
    }
    become({ kind: 'problem', isPassing: error instanceof SignInFailure && error.isPassing })
  }

  async function arrive(): Promise<void> {
    try {
      const brought = await (await load()).arrive()
      place.replace(returnPath(brought, origin, signInCallbackPath))
      mark.join()
      become(standing())
    } catch (error) {
      if (user()) goOn(error)
      else fail(error)
    }
  }

  /** A sign-in's address that was used before, by a reload or from the history: the person is signed in (P18). */
  function goOn(error: unknown): void {
    place.replace(returnPath(error instanceof SignInFailure ? error.state : undefined, origin, signInCallbackPath))
    become(standing())
  }

  return {
    tokens: createTokens({
      user,
      renew: async () => (await load()).renew(),
      end: () => {
        storage.removeItem(key)
        become({ kind: 'signed-out', ended: true })
      },
    }),
    begin() {
      if (state.kind === 'arriving') arriving ??= arrive()
    },
    state: () => state,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async signIn() {
      const back = returnTo ?? returnPath({ returnTo: place.current() }, origin, signInCallbackPath)
      become({ kind: 'leaving' })
      try {
        await (await load()).leave({ returnTo: back })
      } catch (error) {
        fail(error)
      }
    },
    async signOut() {
      become({ kind: 'signing-out' })
      mark.leave()
      parts.forget()
      try {
        await (await load()).signOut()
      } catch {
        // The provider cannot be reached: the session ends here at least.
        storage.removeItem(key)
      }
      become(standing(true))
    },
    prepare: () => void load().catch(() => undefined),
    lookAgain: () => become(standing()),
    hear() {
      if (state.kind === 'signed-in' && mark.isOver()) become(standing())
    },
  }
}
