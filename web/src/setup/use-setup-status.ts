import { readSetupQuery, setupLocation, type SetupQuery } from '@pms/shared/setup-redirect'
import { useEffect, useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'
import { mayPass } from '../api/api-failure.ts'
import { isWaiting } from './next-poll.ts'
import { asksAccount, attemptOf, queryToFollow, setupView, shownAnswer, type SetupView } from './setup-view.ts'
import { useDeadlinePassed } from './use-deadline-passed.ts'
import { useStatus, type Asked } from './use-status.ts'

/** Why no news comes in, although the page waits for some. */
type Trouble = 'offline' | 'unreachable' | 'busy'

export interface SetupStatus {
  view: SetupView
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
  const expectNews = mayStillArrive(query)
  const attempt = useStatus(attemptId, { enabled: attemptId !== undefined, expectNews })
  const account = useStatus(undefined, { enabled: asksAccount(query, attempt), expectNews })
  const heards = { query, attempt, account }

  useFollow(queryToFollow(heards))

  const shown = shownAnswer(heards)
  const deadlinePassed = useDeadlinePassed(shown)
  const live = asksAccount(query, attempt) ? account : attempt
  return {
    view: setupView({ ...heards, deadlinePassed }),
    trouble: troubleOf(live, expectNews),
    revision: shown?.revision,
    checkAgain: live.askNow,
  }
}

/** The server may take the callback up later than it has answered it (S20). */
function mayStillArrive(query: SetupQuery): boolean {
  if (query.kind === 'connecting') return query.attemptId !== undefined
  return query.kind === 'refused' && query.code === 'temporarily_unavailable'
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

function troubleOf({ answer, offline, failure }: Asked, expectNews: boolean): Trouble | undefined {
  if (answer && !isWaiting(answer, expectNews)) return undefined
  if (offline) return 'offline'
  if (!failure || !mayPass(failure)) return undefined
  return failure.code === 'TOO_MANY_REQUESTS' ? 'busy' : 'unreachable'
}
