import { setupPath } from '@pms/shared/setup-redirect'
import { Redirect } from 'wouter'
import { usePageTitle } from '../ui/use-page-title.ts'
import { useStepWords } from '../words/step-words.ts'
import { History } from './history.tsx'
import { ReviewScreen } from './review-screen.tsx'
import { useAccountNews } from './use-account-news.ts'
import { useStatus } from './use-status.ts'

/** What was connected. Reachable only when the server says that something is. */
export function ReviewPage() {
  usePageTitle(useStepWords().review.title)
  const { answer, failure } = useStatus(undefined, { enabled: true })
  useAccountNews(answer)
  if (answer && !answer.isConnected) return <Redirect to={setupPath} replace />
  return (
    <ReviewScreen status={answer} unreachable={failure !== undefined}>
      <History revision={answer?.revision} open />
    </ReviewScreen>
  )
}
