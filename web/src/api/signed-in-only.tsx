import type { PageConfig } from '@pms/shared/page-config'
import { useState, type ReactNode } from 'react'
import { AuthProvider } from 'react-oidc-context'
import { navigate } from 'wouter/use-browser-location'
import { BusyPage } from '../ui/busy-page.tsx'
import { Button } from '../ui/button.tsx'
import { MessagePage } from '../ui/message-page.tsx'
import { frameWords } from '../ui/words.ts'
import { returnPath } from './return-path.ts'
import { createSession, signInCallbackPath, type Session } from './session.ts'
import { SignInGate } from './sign-in-gate.tsx'
import { usePageConfig } from './use-page-config.ts'

type Children = (session: Session) => ReactNode

/** Its children, for a signed-in person; for everybody else the way to become one. */
export function SignedInOnly({ children }: { children: Children }) {
  const { config, retry } = usePageConfig()
  if (config === 'loading') return <BusyPage />
  if (config !== 'failed') return <WithSession config={config}>{children}</WithSession>
  const words = frameWords.configProblem
  return (
    <MessagePage title={words.title} heading={words.heading} detail={words.detail} tone="warning">
      <Button onClick={retry}>{words.retry}</Button>
    </MessagePage>
  )
}

function WithSession({ config, children }: { config: PageConfig; children: Children }) {
  const [session] = useState(() => createSession(config, window.location.origin))
  return (
    <AuthProvider
      userManager={session.userManager}
      // The setup page has `error` and `state` of its own, which are not the sign-in's.
      skipSigninCallback={window.location.pathname !== signInCallbackPath}
      onSigninCallback={(user) =>
        navigate(returnPath(user?.state, window.location.origin, signInCallbackPath), { replace: true })
      }
    >
      <SignInGate userManager={session.userManager}>{children(session)}</SignInGate>
    </AuthProvider>
  )
}
