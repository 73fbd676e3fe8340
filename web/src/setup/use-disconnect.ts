import { readApiFailure, type ApiFailure } from '../api/api-failure.ts'
import { trpc } from '../api/trpc.ts'
import { usePerson } from '../api/use-session.ts'
import { newerAnswer } from './next-poll.ts'
import { statusTopic, tellTabs } from './other-tabs.ts'

export interface Disconnect {
  disconnect: () => void
  /** Forgets a failure. */
  reset: () => void
  busy: boolean
  done: boolean
  failure: ApiFailure | undefined
}

/** Ends the account's connection. */
export function useDisconnect(): Disconnect {
  const utils = trpc.useUtils()
  const { subject } = usePerson()
  const { mutate, reset, isPending, isSuccess, error } = trpc.pms.disconnect.useMutation({
    // Offline it fails at once, rather than staying silent until the network is back.
    networkMode: 'always',
    retry: false,
    onSuccess: (answer) => {
      utils.pms.connectionStatus.setData(undefined, (known) => newerAnswer(known, answer))
      tellTabs(statusTopic(subject, undefined), answer)
    },
  })
  return {
    disconnect: () => mutate(),
    reset,
    busy: isPending,
    done: isSuccess,
    failure: error ? readApiFailure(error) : undefined,
  }
}
