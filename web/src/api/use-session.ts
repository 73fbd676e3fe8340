import { signInCallbackPath } from '@pms/shared/setup-redirect'
import type { PageConfig } from '@pms/shared/page-config'
import { createContext, use, useEffect, useState, useSyncExternalStore } from 'react'
import { navigate } from 'wouter/use-browser-location'
import { useShownAgain } from '../ui/use-shown-again.ts'
import { forgetKept, installedKey } from '../kept.ts'
import { sessionMark, sessionMarkKey } from './session-mark.ts'
import { userKey } from './stored-user.ts'
import { createSession, type Person, type Session, type SessionState } from './session.ts'

/** Removes what this browser has kept of the person, and sign-ins that were begun and never finished. */
function forgetPerson(storage: Storage, userStorageKey: string): void {
  forgetKept(installedKey)
  for (const key of Object.keys(storage)) if (key.startsWith('oidc.') && key !== userStorageKey) storage.removeItem(key)
}

/** The session of this tab, from the first time that the page has its configuration. */
export function useNewSession(config: PageConfig, storage: Storage): { session: Session; state: SessionState } {
  const [session] = useState(() =>
    createSession(config, {
      origin: window.location.origin,
      path: window.location.pathname,
      storage,
      mark: sessionMark(storage),
      forget: () => forgetPerson(storage, userKey(config)),
      loadLibrary: async () => {
        const { signInLibrary } = await import('./sign-in-library.ts')
        return signInLibrary(config, window.location.origin, signInCallbackPath)
      },
      place: {
        current: () => window.location.pathname + window.location.search,
        replace: (path) => navigate(path, { replace: true }),
      },
    }),
  )
  useEffect(() => session.begin(), [session])
  useShownAgain(() => session.lookAgain())
  useEffect(() => {
    const hear = ({ key }: StorageEvent): void => {
      if (key === sessionMarkKey || key === null) session.hear()
    }
    window.addEventListener('storage', hear)
    return () => window.removeEventListener('storage', hear)
  }, [session])
  return { session, state: useSyncExternalStore(session.onChange, session.state) }
}

/** Who is signed in, for the pages of a signed-in person. */
export const PersonContext = createContext<Person | undefined>(undefined)

export function usePerson(): Person {
  const person = use(PersonContext)
  if (!person) throw new Error('Nobody is signed in outside of <SignedInOnly>')
  return person
}
