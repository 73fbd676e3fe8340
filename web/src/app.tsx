import { reviewPath, setupPath, signInCallbackPath } from '@pms/shared/setup-redirect'
import { Redirect, Route, Switch, useSearch } from 'wouter'
import { SignedInOnly } from './api/signed-in-only.tsx'
import { usePageConfig, type LoadingPageConfig } from './api/use-page-config.ts'
import { installPath } from './setup/paths.ts'
import { BusyPage } from './ui/busy-page.tsx'
import { ErrorBoundary } from './ui/error-boundary.tsx'
import { NotFoundPage } from './ui/not-found-page.tsx'
import { useLoaded } from './ui/use-loaded.ts'

const signedInPaths = new RegExp(`^(|${installPath}|${setupPath}|${reviewPath}|${signInCallbackPath})/?$`)

/** The whole page: which address shows what. */
export function App() {
  // On every page: the document preloads it.
  const pageConfig = usePageConfig()
  return (
    <ErrorBoundary>
      <Switch>
        <Route path={`/home${setupPath}`}>
          <RedirectWithQuery to={setupPath} />
        </Route>
        <Route path={signedInPaths}>
          <ForSignedIn pageConfig={pageConfig} />
        </Route>
        <Route>
          <NotFoundPage />
        </Route>
      </Switch>
    </ErrorBoundary>
  )
}

const loadPages = () => import('./pages.tsx')

/** What only a signed-in person needs is fetched beside the configuration: the sign-in screen does not wait for it. */
function ForSignedIn({ pageConfig }: { pageConfig: LoadingPageConfig }) {
  const pages = useLoaded(loadPages, false)
  return (
    <SignedInOnly pageConfig={pageConfig}>
      {(session, offers) => (pages ? <pages.Pages session={session} offers={offers} /> : <LoadingPages />)}
    </SignedInOnly>
  )
}

/** Shows also when they cannot be fetched: here they are needed. */
function LoadingPages() {
  useLoaded(loadPages, true)
  return <BusyPage />
}

function RedirectWithQuery({ to }: { to: string }) {
  const search = useSearch()
  return <Redirect to={search === '' ? to : `${to}?${search}`} replace />
}
