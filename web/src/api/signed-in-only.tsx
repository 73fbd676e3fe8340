import type { PageConfig } from '@pms/shared/page-config'
import { useEffect, useState, type ReactNode } from 'react'
import { BusyPage } from '../ui/busy-page.tsx'
import { Button } from '../ui/button.tsx'
import { MessagePage } from '../ui/message-page.tsx'
import { useFocusAtChange } from '../ui/use-focus-at-change.ts'
import { useWords } from '../words/use-words.tsx'
import type { Session } from './session.ts'
import { SignIn, SignInProblem } from './sign-in-screens.tsx'
import { tabStorage } from './tab-storage.ts'
import type { LoadingPageConfig } from './use-page-config.ts'
import { PersonContext, useNewSession } from './use-session.ts'

type Children = (session: Session, config: PageConfig) => ReactNode

/** Its children, for a signed-in person; for everybody else the way to become one. */
export function SignedInOnly({ pageConfig, children }: { pageConfig: LoadingPageConfig; children: Children }) {
  const { config, retry } = pageConfig
  const words = useWords().configProblem
  if (config === 'loading') return <BusyPage />
  if (config !== 'failed') return <WithStorage config={config}>{children}</WithStorage>
  return (
    <MessagePage title={words.title} heading={words.heading} detail={words.detail} tone="warning">
      <Button onClick={retry}>{words.retry}</Button>
    </MessagePage>
  )
}

/** A sign-in is kept in the tab's storage: where the browser forbids that, the page says what to allow (P18). */
function WithStorage({ config, children }: { config: PageConfig; children: Children }) {
  const [storage] = useState(tabStorage)
  const { storageProblem: words, crash } = useWords()
  if (storage) {
    return (
      <WithSession config={config} storage={storage}>
        {children}
      </WithSession>
    )
  }
  return (
    <MessagePage title={words.title} heading={words.heading} detail={words.detail} tone="warning">
      <Button onClick={() => window.location.reload()}>{crash.button}</Button>
    </MessagePage>
  )
}

/** Shows its children to a signed-in person, and to everybody else where they stand with the sign-in. */
function WithSession({ config, storage, children }: { config: PageConfig; storage: Storage; children: Children }) {
  const { session, state } = useNewSession(config, storage)
  const { signIn: words } = useWords()
  const signIn = () => void session.signIn()
  useFocusAtChange(state.kind)
  useEffect(() => {
    if (state.kind === 'signed-out') session.prepare()
  }, [session, state.kind])

  switch (state.kind) {
    case 'signed-in':
      return <PersonContext value={state.person}>{children(session, config)}</PersonContext>
    case 'leaving':
      return <BusyPage text={words.leaving} />
    case 'arriving':
      return <BusyPage text={words.arriving} />
    case 'signing-out':
      return <BusyPage text={words.signingOut} />
    case 'problem':
      return <SignInProblem isPassing={state.isPassing} onRetry={signIn} />
    case 'signed-out':
      return <SignIn ended={state.ended} onSignIn={signIn} />
  }
}
