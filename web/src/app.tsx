import { reviewPath, setupPath } from '@pms/shared/setup-redirect'
import { lazy, Suspense, useEffect } from 'react'
import { Redirect, Route, Switch, useSearch } from 'wouter'
import { signInCallbackPath } from './api/session.ts'
import { SignedInOnly } from './api/signed-in-only.tsx'
import { BusyPage } from './ui/busy-page.tsx'
import { ErrorBoundary } from './ui/error-boundary.tsx'
import { NotFoundPage } from './ui/not-found-page.tsx'

const loadPages = () => import('./pages.tsx')

/** What only a signed-in person needs; the sign-in screen does not wait for it. */
const Pages = lazy(async () => ({ default: (await loadPages()).Pages }))

const signedInPaths = new RegExp(`^(${setupPath}|${reviewPath}|${signInCallbackPath})/?$`)

/** The whole page: which address shows what. */
export function App() {
  useEffect(() => {
    // Fetched beside the configuration, not after it; a failure shows where the pages are needed.
    loadPages().catch(() => undefined)
  }, [])

  return (
    <ErrorBoundary>
      <Switch>
        <Route path="/">
          <Redirect to={setupPath} replace />
        </Route>
        <Route path={`/home${setupPath}`}>
          <RedirectWithQuery to={setupPath} />
        </Route>
        <Route path={signedInPaths}>
          <SignedInOnly>
            {(session) => (
              <Suspense fallback={<BusyPage />}>
                <Pages session={session} />
              </Suspense>
            )}
          </SignedInOnly>
        </Route>
        <Route>
          <NotFoundPage />
        </Route>
      </Switch>
    </ErrorBoundary>
  )
}

function RedirectWithQuery({ to }: { to: string }) {
  const search = useSearch()
  return <Redirect to={search === '' ? to : `${to}?${search}`} replace />
}
