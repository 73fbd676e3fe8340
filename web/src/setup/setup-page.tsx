import { useEffect } from 'react'
import { usePageTitle } from '../ui/use-page-title.ts'
import { useWords } from '../words/use-words.tsx'
import { History } from './history.tsx'
import { SetupScreen } from './setup-screen.tsx'
import { useDisconnect } from './use-disconnect.ts'
import { useInstalled } from './use-installed.ts'
import { useSetupStatus } from './use-setup-status.ts'
import { useStartConnection } from './use-start-connection.ts'

/** Where history may be of use: not while something is being waited for, and not before anything was. */
const settled = new Set(['connected', 'failed', 'not-connected'])

/** The page where a practice connects its practice management system. */
export function SetupPage() {
  usePageTitle(useWords().setup.title)
  const { view, trouble, revision, checkAgain } = useSetupStatus()
  const start = useStartConnection()
  const ending = useDisconnect()
  const { installed, say } = useInstalled()
  const isSeen = view.kind === 'connected' && !installed
  useEffect(() => {
    // A practice that was connected has SPU.
    if (isSeen) say()
  }, [isSeen, say])
  return (
    <SetupScreen
      state={start.redirecting ? { kind: 'redirecting' } : view}
      trouble={trouble}
      start={start}
      ending={ending}
      installed={installed}
      checkAgain={checkAgain}
    >
      {settled.has(view.kind) && !start.redirecting && <History revision={revision} />}
    </SetupScreen>
  )
}
