import { useLocation } from 'wouter'
import { setupPath } from '@pms/shared/setup-redirect'
import { usePageTitle } from '../ui/use-page-title.ts'
import { useStepWords } from '../words/step-words.ts'
import { InstallScreen } from './install-screen.tsx'
import { useAccountNews } from './use-account-news.ts'
import { useInstalled } from './use-installed.ts'
import { useStatus } from './use-status.ts'

/** The first step: SPU at the practice. */
export function InstallPage() {
  usePageTitle(useStepWords().install.title)
  const [, navigate] = useLocation()
  const { installed, say } = useInstalled()
  const { answer } = useStatus(undefined, { enabled: true })
  useAccountNews(answer)
  return (
    <InstallScreen
      installed={installed}
      connected={answer?.isConnected === true}
      onInstalled={() => {
        say()
        navigate(setupPath)
      }}
    />
  )
}
