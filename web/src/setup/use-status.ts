import type { ConnectionStatus } from '@pms/shared/connection-status'
import { focusManager, onlineManager, useQuery } from '@tanstack/react-query'
import { getQueryKey } from '@trpc/react-query'
import { useEffect, useEffectEvent, useMemo, useSyncExternalStore } from 'react'
import { readApiFailure, type ApiFailure } from '../api/api-failure.ts'
import { trpc } from '../api/trpc.ts'
import { usePerson } from '../api/use-session.ts'
import { newerAnswer } from './next-poll.ts'
import { statusTopic, useOtherTabs } from './other-tabs.ts'
import { createStatusWatch } from './status-watch.ts'

/** What the server said when it was asked, and what came between. */
export interface Asked {
  /** the newest answer */
  answer: ConnectionStatus | undefined
  /** why the newest request failed; with an answer from before, if there was one */
  failure: ApiFailure | undefined
  /** the browser is without network: nothing is asked until it is back */
  offline: boolean
  /** Asks now, for an answer at once; says whether one came. */
  askNow: () => Promise<boolean>
}

const isOnline = (): boolean => onlineManager.isOnline()
const onOnlineChange = (listener: () => void): (() => void) => onlineManager.subscribe(listener)

/**
 * The status of an attempt or of the account, kept in tRPC's own cache entry. While an attempt is in progress, and for
 * the account at all times, a request is held by the server: one at a time, shared between tabs, at rest while the
 * document is hidden or offline (contract, section 8; decision 20).
 * @param attemptId the attempt to ask about; without it, the account
 */
export function useStatus(attemptId: string | undefined, { enabled }: { enabled: boolean }): Asked {
  const utils = trpc.useUtils()
  const person = usePerson().subject
  const about = useMemo(() => (attemptId === undefined ? undefined : { attemptId }), [attemptId])

  const tabs = useOtherTabs(statusTopic(person, attemptId), (heard) => {
    utils.pms.connectionStatus.setData(about, (known) => newerAnswer(known, heard))
  })

  const watch = useMemo(() => {
    return createStatusWatch({
      attemptId,
      ask: (input, signal) => utils.client.pms.connectionStatus.query(input, { signal }),
      known: () => utils.pms.connectionStatus.getData(about),
      isResting: () => !focusManager.isFocused(),
      tabs,
    })
  }, [about, attemptId, utils, tabs])

  const query = useQuery<ConnectionStatus>({
    // tRPC's own hook would ask for what stands in its key; a held request also says what the page knows.
    queryKey: getQueryKey(trpc.pms.connectionStatus, about, 'query'),
    enabled,
    queryFn: ({ signal }) => watch.next(signal),
    refetchInterval: ({ state }) => (state.fetchStatus === 'idle' ? watch.delay(state) : false),
    refetchOnWindowFocus: 'always',
    refetchOnReconnect: 'always',
  })

  const { fetchStatus, refetch } = query
  const offline = !useSyncExternalStore(onOnlineChange, isOnline)
  const onBack = useEffectEvent(() => {
    // A request that was held when the network went is lost, and does not know it.
    if (isOnline() && fetchStatus === 'fetching') void refetch()
  })
  useEffect(() => onOnlineChange(() => onBack()), [])

  const error = query.error ?? (query.data === undefined ? watch.lastError() : undefined)
  return {
    answer: query.data,
    failure: error === undefined ? undefined : readApiFailure(error),
    offline,
    askNow: async () => {
      watch.hurry()
      return (await refetch()).isSuccess
    },
  }
}
