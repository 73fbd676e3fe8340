import type { ConnectionStatus } from '@pms/shared/connection-status'
import { focusManager, useQuery, useQueryClient } from '@tanstack/react-query'
import { getQueryKey } from '@trpc/react-query'
import { useMemo } from 'react'
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

/**
 * The status of an attempt or of the account, kept in tRPC's own cache entry. While it is expected to change,
 * it is asked for again: one request at a time, held by the server, shared between tabs, at rest while the
 * document is hidden or offline.
 * @param attemptId the attempt to ask about; without it, the account
 */
export function useStatus(attemptId: string | undefined, options: { enabled: boolean; expectNews?: boolean }): Asked {
  const { enabled, expectNews = false } = options
  const { client } = trpc.useUtils()
  const queryClient = useQueryClient()
  const person = usePerson().subject
  const queryKey = getQueryKey(trpc.pms.connectionStatus, attemptId === undefined ? undefined : { attemptId }, 'query')

  const tabs = useOtherTabs(statusTopic(person, attemptId), (heard) => {
    queryClient.setQueryData<ConnectionStatus>(queryKey, (known) => newerAnswer(known, heard))
  })

  const watch = useMemo(() => {
    const key = getQueryKey(trpc.pms.connectionStatus, attemptId === undefined ? undefined : { attemptId }, 'query')
    return createStatusWatch({
      attemptId,
      ask: (input, signal) => client.pms.connectionStatus.query(input, { signal }),
      known: () => queryClient.getQueryData<ConnectionStatus>(key),
      isResting: () => !focusManager.isFocused(),
      tabs,
    })
  }, [attemptId, client, queryClient, tabs])

  const query = useQuery<ConnectionStatus>({
    queryKey,
    enabled,
    queryFn: ({ signal }) => watch.next(signal, expectNews),
    refetchInterval: ({ state }) => (state.fetchStatus === 'idle' ? watch.delay(state, expectNews) : false),
    refetchOnWindowFocus: 'always',
    refetchOnReconnect: 'always',
  })

  const error = query.error ?? (query.data === undefined ? watch.lastError() : undefined)
  return {
    answer: query.data,
    failure: error === undefined ? undefined : readApiFailure(error),
    offline: query.fetchStatus === 'paused',
    askNow: async () => {
      watch.hurry()
      return (await query.refetch()).isSuccess
    },
  }
}
