import type { ConnectionStatus } from '@pms/shared/connection-status'
import { useQueryClient } from '@tanstack/react-query'
import { getQueryKey } from '@trpc/react-query'
import { readApiFailure, type ApiFailure } from '../api/api-failure.ts'
import { trpc } from '../api/trpc.ts'
import { newerAnswer } from './next-poll.ts'

export interface ChoosePractice {
  choose: (choiceId: string) => void
  busy: boolean
  failure: ApiFailure | undefined
  /** the choice is there no more */
  gone: boolean
}

/**
 * Answers the question of an attempt.
 * @param onGone called when the choice is there no more: the page knows less than the server
 */
export function useChoosePractice(attemptId: string, onGone: () => void): ChoosePractice {
  const queryClient = useQueryClient()
  const { mutate, isPending, isSuccess, error } = trpc.pms.choosePractice.useMutation({
    // Offline it fails at once, rather than staying silent until the network is back.
    networkMode: 'always',
    retry: false,
    onSuccess: (answer) => {
      const key = getQueryKey(trpc.pms.connectionStatus, { attemptId }, 'query')
      queryClient.setQueryData<ConnectionStatus>(key, (known) => newerAnswer(known, answer))
    },
    onError: (refusal) => {
      if (isGone(readApiFailure(refusal))) onGone()
    },
  })
  const failure = error ? readApiFailure(error) : undefined
  return {
    choose: (choiceId) => mutate({ attemptId, choiceId }),
    busy: isPending || isSuccess,
    failure,
    gone: failure !== undefined && isGone(failure),
  }
}

function isGone({ code }: ApiFailure): boolean {
  return code === 'CONFLICT' || code === 'NOT_FOUND'
}
