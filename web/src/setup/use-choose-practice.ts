import type { ConnectionStatus } from '@pms/shared/connection-status'
import { readApiFailure, type ApiFailure } from '../api/api-failure.ts'
import { trpc } from '../api/trpc.ts'
import { newerAnswer } from './next-poll.ts'

export interface ChoosePractice {
  choose: (choiceId: string) => void
  /** Says no: the attempt ends, and has changed nothing. */
  decline: () => void
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
  const utils = trpc.useUtils()
  const call = {
    // Offline it fails at once, rather than staying silent until the network is back.
    networkMode: 'always',
    retry: false,
    onSuccess: (answer: ConnectionStatus) => {
      utils.pms.connectionStatus.setData({ attemptId }, (known) => newerAnswer(known, answer))
    },
    onError: (refusal: Parameters<typeof readApiFailure>[0]) => {
      if (isGone(readApiFailure(refusal))) onGone()
    },
  } as const
  const choosing = trpc.pms.choosePractice.useMutation(call)
  const declining = trpc.pms.declineChoice.useMutation(call)
  const error = choosing.error ?? declining.error
  const failure = error ? readApiFailure(error) : undefined
  return {
    choose(choiceId) {
      declining.reset()
      choosing.mutate({ attemptId, choiceId })
    },
    decline() {
      choosing.reset()
      declining.mutate({ attemptId })
    },
    busy: [choosing, declining].some(({ isPending, isSuccess }) => isPending || isSuccess),
    failure,
    gone: failure !== undefined && isGone(failure),
  }
}

function isGone({ code }: ApiFailure): boolean {
  return code === 'CONFLICT' || code === 'NOT_FOUND'
}
