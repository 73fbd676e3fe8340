import { reviewPath, setupPath } from '@pms/shared/setup-redirect'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import type { Session } from './api/session.ts'
import { createApiClient, trpc } from './api/trpc.ts'
import { usePerson } from './api/use-session.ts'
import { LoadingSetup } from './setup/loading-setup.tsx'
import { askEvery } from './setup/next-poll.ts'
import { OffersContext, type Offers } from './setup/offers.ts'
import { installPath } from './setup/paths.ts'
import { SetupPage } from './setup/setup-page.tsx'
import { PageFrame } from './ui/page-frame.tsx'
import { Toasts } from './ui/toasts.tsx'
import { useFocusAtChange } from './ui/use-focus-at-change.ts'
import { useLoaded } from './ui/use-loaded.ts'
import { languages } from './words/catalogue.ts'
import { StepWordsContext } from './words/step-words.ts'
import { useLanguage } from './words/use-words.tsx'

interface PagesProps {
  session: Session
  offers: Offers
}

/** The pages of a signed-in person, with the cache of what the server told this person. */
export function Pages({ session, offers }: PagesProps) {
  const [queryClient] = useState(createQueryClient)
  const [apiClient] = useState(() => createApiClient(session, askEvery))
  const { name } = usePerson()
  const [path] = useLocation()
  useFocusAtChange(path)
  return (
    <trpc.Provider client={apiClient} queryClient={queryClient}>
      <QueryClientProvider client={queryClient}>
        <PageFrame person={name} onSignOut={() => session.signOut()}>
          <Toasts>
            <OffersContext value={offers}>
              <Steps />
            </OffersContext>
          </Toasts>
        </PageFrame>
      </QueryClientProvider>
    </trpc.Provider>
  )
}

const loadOthers = () => import('./other-pages.tsx')

function Steps() {
  const [path] = useLocation()
  const { language } = useLanguage()
  const isNeeded = path !== setupPath
  const others = useLoaded(loadOthers, isNeeded)
  const words = useLoaded(languages[language].loadSteps, isNeeded)
  useEffect(() => others?.guardDoubleClicks(), [others])
  return (
    <Switch>
      <Route path={setupPath} component={SetupPage} />
      {others && words ? (
        <Route>
          <StepWordsContext value={words}>
            {/* A switch of its own: the outer one does not look into other elements. */}
            <Switch>
              <Route path={installPath} component={others.InstallPage} />
              <Route path={reviewPath} component={others.ReviewPage} />
              <Route component={others.StartPage} />
            </Switch>
          </StepWordsContext>
        </Route>
      ) : (
        <Route component={LoadingSetup} />
      )}
    </Switch>
  )
}

/** When to ask again after a failure is decided by `next-poll.ts`, not by the cache. */
function createQueryClient() {
  return new QueryClient({ defaultOptions: { queries: { retry: false } } })
}
