import { reviewPath, setupPath } from '@pms/shared/setup-redirect'
import { useEffect, useState } from 'react'
import { Redirect, Route, Switch, useSearch } from 'wouter'
import { signInCallbackPath, type Session } from './api/session.ts'
import { SignedInOnly } from './api/signed-in-only.tsx'
import { BusyPage } from './ui/busy-page.tsx'
import { ErrorBoundary } from './ui/error-boundary.tsx'
import { NotFoundPage } from './ui/not-found-page.tsx'

const loadPages = () => import('./pages.tsx')

const signedInPaths = new RegExp(`^(${setupPath}|${reviewPath}|${signInCallbackPath})/?$`)

/** The whole page: which address shows what. */
export function App() {
  const pages = usePages()
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
          <SignedInOnly>{(session) => <SignedInPages pages={pages} session={session} />}</SignedInOnly>
        </Route>
        <Route>
          <NotFoundPage />
        </Route>
      </Switch>
    </ErrorBoundary>
  )
}

type Pages = Awaited<ReturnType<typeof loadPages>>

/**
 * What only a signed-in person needs: fetched beside the configuration, and the sign-in screen does not wait for it.
 * Not by `lazy`, which shows its fallback for 300 ms at least, also when the pages are there already.
 */
function usePages(): Pages | Error | undefined {
  const [pages, setPages] = useState<Pages | Error>()
  useEffect(() => {
    loadPages().then(setPages, (error: unknown) => setPages(new Error('The pages cannot be loaded', { cause: error })))
  }, [])
  return pages
}

/** A failure to load shows here, where the pages are needed. */
function SignedInPages({ pages, session }: { pages: Pages | Error | undefined; session: Session }) {
  if (pages instanceof Error) throw pages
  return pages ? <pages.Pages session={session} /> : <BusyPage />
}

function RedirectWithQuery({ to }: { to: string }) {
  const search = useSearch()
  return <Redirect to={search === '' ? to : `${to}?${search}`} replace />
}
