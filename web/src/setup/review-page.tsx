import { setupPath } from '@pms/shared/setup-redirect'
import { Redirect } from 'wouter'
import { usePageTitle } from '../ui/use-page-title.ts'
import { useStepWords } from '../words/step-words.ts'
import { History } from './history.tsx'
import { ReviewScreen } from './review-screen.tsx'
import { troubleOf } from './setup-view.ts'
import { useAccountNews } from './use-account-news.ts'
import { useStatus } from './use-status.ts'

/** What was connected. Reachable only when the server says that something is. */
export function ReviewPage() {
  usePageTitle(useStepWords().review.title)
  const asked = useStatus(undefined, { enabled: true })
  const { answer, failure, askNow } = asked
  const trouble = troubleOf(asked)
  useAccountNews(answer)
  // What the server refuses to say is told there, too.
  const isRefused = failure !== undefined && failure.code !== 'UNAUTHORIZED' && !trouble
  if (answer ? !answer.isConnected : isRefused) return <Redirect to={setupPath} replace />
  return (
    <ReviewScreen status={answer} trouble={trouble} onRetry={askNow}>
      <History revision={answer?.revision} open />
    </ReviewScreen>
  )
}
