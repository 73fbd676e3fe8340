import { reviewPath, setupPath } from '@pms/shared/setup-redirect'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useAuth } from 'react-oidc-context'
import { Redirect, Route, Switch } from 'wouter'
import { personName } from './api/person-name.ts'
import type { Session } from './api/session.ts'
import { createApiClient, trpc } from './api/trpc.ts'
import { useSignOut } from './api/use-sign-out.ts'
import { askEvery } from './setup/next-poll.ts'
import { ReviewPage } from './setup/review-page.tsx'
import { SetupPage } from './setup/setup-page.tsx'
import { PageFrame } from './ui/page-frame.tsx'

/** The pages of a signed-in person, with the cache of what the server told this person. */
export function Pages({ session }: { session: Session }) {
  const { user } = useAuth()
  const [queryClient] = useState(createQueryClient)
  const signOut = useSignOut(session)
  const [apiClient] = useState(() => createApiClient(session, askEvery))

  useEffect(
    () => session.userManager.events.addUserUnloaded(() => queryClient.clear()),
    [session.userManager, queryClient],
  )

  return (
    <trpc.Provider client={apiClient} queryClient={queryClient}>
      <QueryClientProvider client={queryClient}>
        <PageFrame person={personName(user?.profile)} onSignOut={signOut}>
          <Switch>
            <Route path={setupPath} component={SetupPage} />
            <Route path={reviewPath} component={ReviewPage} />
            <Route>
              <Redirect to={setupPath} replace />
            </Route>
          </Switch>
        </PageFrame>
      </QueryClientProvider>
    </trpc.Provider>
  )
}

/** When to ask again after a failure is decided by `next-poll.ts`, not by the cache. */
function createQueryClient() {
  return new QueryClient({ defaultOptions: { queries: { retry: false } } })
}
