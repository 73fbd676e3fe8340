import { Button } from '../ui/button.tsx'
import { MessagePage } from '../ui/message-page.tsx'
import { useWords } from '../words/use-words.tsx'

/** For who is not signed in. */
export function SignIn({ ended, onSignIn }: { ended: boolean; onSignIn: () => void }) {
  const { signIn: words } = useWords()
  return (
    <MessagePage
      title={words.title}
      heading={ended ? words.endedHeading : words.heading}
      detail={ended ? words.endedDetail : words.detail}
    >
      <Button onClick={onSignIn}>{words.button}</Button>
    </MessagePage>
  )
}

/** For who could not be signed in. */
export function SignInProblem({ isPassing, onRetry }: { isPassing: boolean; onRetry: () => void }) {
  const { signInProblem: words } = useWords()
  return (
    <MessagePage
      title={words.title}
      heading={isPassing ? words.unreachable : words.refused}
      detail={isPassing ? words.unreachableDetail : words.refusedDetail}
      tone="warning"
    >
      <Button onClick={onRetry}>{words.retry}</Button>
    </MessagePage>
  )
}
