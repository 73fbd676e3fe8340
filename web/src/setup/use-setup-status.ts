import { readSetupQuery, setupLocation, type SetupQuery } from '@pms/shared/setup-redirect'
import { useEffect, useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'
import {
  asksAccount,
  attemptOf,
  queryToFollow,
  setupView,
  shownAnswer,
  troubleOf,
  type SetupView,
  type Trouble,
} from './setup-view.ts'
import { useDeadlinePassed } from './use-deadline-passed.ts'
import { useLineDown } from './use-line-down.ts'
import { useStatus } from './use-status.ts'

export interface SetupStatus {
  view: SetupView
  /** why what is shown may be out of date */
  trouble: Trouble | undefined
  /** of what is shown: differs when anything may have happened */
  revision: string | undefined
  /** Asks at once; says whether an answer came. */
  checkAgain: () => Promise<boolean>
}

/** What the setup page shows: from its address, which decides what is asked, and from the server's answers. */
export function useSetupStatus(): SetupStatus {
  const search = useSearch()
  const query = useMemo(() => readSetupQuery(search), [search])
  const attemptId = attemptOf(query)
  const attempt = useStatus(attemptId, { enabled: attemptId !== undefined })
  const account = useStatus(undefined, { enabled: asksAccount(query, attempt) })
  const heards = { query, attempt, account }

  useFollow(queryToFollow(heards))

  const shown = shownAnswer(heards)
  const deadlinePassed = useDeadlinePassed(shown)
  const live = asksAccount(query, attempt) ? account : attempt
  const isDown = useLineDown(shown?.status === 'connecting', live.askNow)
  return {
    view: setupView({ ...heards, deadlinePassed }),
    trouble: shown && (troubleOf(live) ?? (isDown ? 'unreachable' : undefined)),
    revision: shown?.revision,
    checkAgain: live.askNow,
  }
}

/** Replaces the address, so that a reload finds the same attempt. */
function useFollow(query: SetupQuery | undefined): void {
  const [, navigate] = useLocation()
  const path = query && pathOf(query)
  useEffect(() => {
    if (path !== undefined) navigate(path, { replace: true })
  }, [path, navigate])
}

function pathOf(query: SetupQuery): string {
  const { pathname, search } = new URL(setupLocation(window.location.origin, query))
  return pathname + search
}
