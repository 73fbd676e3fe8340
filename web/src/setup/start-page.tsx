import { setupPath } from '@pms/shared/setup-redirect'
import { Redirect } from 'wouter'
import { LoadingSetup } from './loading-setup.tsx'
import { installPath } from './paths.ts'
import { useInstalled } from './use-installed.ts'
import { useStatus } from './use-status.ts'

/** `/`: leads to the step where this person goes on. */
export function StartPage() {
  const { installed } = useInstalled()
  const { answer, failure, offline } = useStatus(undefined, { enabled: true })
  if (!answer && !failure && !offline) return <LoadingSetup />
  const isNew = answer?.status === 'pending' && answer.attemptId === undefined && !installed
  return <Redirect to={isNew ? installPath : setupPath} replace />
}
