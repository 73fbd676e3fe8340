import type { UserManager } from 'oidc-client-ts'
import { useEffect, useState, type ReactNode } from 'react'
import { useAuth } from 'react-oidc-context'
import { BusyPage } from '../ui/busy-page.tsx'
import { Button } from '../ui/button.tsx'
import { MessagePage } from '../ui/message-page.tsx'
import { frameWords } from '../ui/words.ts'
import { isPassingFailure } from './passing-failure.ts'
import { returnPath, type SignInState } from './return-path.ts'
import { signInCallbackPath } from './session.ts'

const words = frameWords.signIn

/** Shows its children to a signed-in person, and to everybody else where they stand with the sign-in. */
export function SignInGate({ userManager, children }: { userManager: UserManager; children: ReactNode }) {
  const auth = useAuth()
  const [ended, setEnded] = useState(false)
  useEffect(() => userManager.events.addUserUnloaded(() => setEnded(true)), [userManager])

  if (auth.activeNavigator === 'signoutRedirect') return <BusyPage text={words.signingOut} />
  // An expired access token is no reason to sign in again: the next call renews it.
  if (auth.user) return children
  if (auth.activeNavigator === 'signinRedirect') return <BusyPage text={words.leaving} />
  if (auth.isLoading) return <BusyPage text={isCallback() ? words.arriving : frameWords.loading} />

  const signIn = () => void auth.signinRedirect({ state: { returnTo: whereToReturn(auth.error?.innerError) } })
  const failed = auth.error !== undefined && auth.error.source !== 'signoutRedirect'
  if (failed || isCallback()) return <SignInProblem error={auth.error?.innerError} onRetry={signIn} />
  return (
    <MessagePage
      title={words.title}
      heading={ended ? words.endedHeading : words.heading}
      detail={ended ? words.endedDetail : words.detail}
    >
      <Button onClick={signIn}>{words.button}</Button>
    </MessagePage>
  )
}

function SignInProblem({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const problem = frameWords.signInProblem
  const unreachable = isPassingFailure(error)
  return (
    <MessagePage
      title={problem.title}
      heading={unreachable ? problem.unreachable : problem.refused}
      detail={unreachable ? problem.unreachableDetail : problem.refusedDetail}
      tone="warning"
    >
      <Button onClick={onRetry}>{problem.retry}</Button>
    </MessagePage>
  )
}

function isCallback(): boolean {
  return window.location.pathname === signInCallbackPath
}

/** Here, or, after a sign-in that failed, where that one was to lead. */
function whereToReturn(error: unknown): SignInState['returnTo'] {
  const { origin, pathname, search } = window.location
  const earlier = typeof error === 'object' && error !== null && 'state' in error ? error.state : undefined
  return returnPath(isCallback() ? earlier : { returnTo: pathname + search }, origin, signInCallbackPath)
}
