import { useQueryClient } from '@tanstack/react-query'
import { getMutationKey } from '@trpc/react-query'
import { readApiFailure, type ApiFailure } from '../api/api-failure.ts'
import { trpc } from '../api/trpc.ts'
import { useShownAgain } from '../ui/use-shown-again.ts'
import { pause } from './pause.ts'

/** Milliseconds that leaving for Sikka waits for the former attempt to end. */
const longestDecline = 1_000

export interface StartConnection {
  /** @param insteadOf an attempt that waits for an answer, and ends once the new one has begun */
  begin: (insteadOf?: string) => void
  /** from the click until the browser has left for Sikka */
  redirecting: boolean
  failure: ApiFailure | undefined
}

/** Starts an attempt and leaves for Sikka's authorization page. */
export function useStartConnection(): StartConnection {
  const queryClient = useQueryClient()
  const { client } = trpc.useUtils()
  const { mutate, reset, isPending, isSuccess, error } = trpc.pms.startConnection.useMutation({
    // Offline it fails at once, rather than staying silent until the network is back.
    networkMode: 'always',
    retry: false,
  })

  /** A no that does not arrive keeps nobody waiting: the former attempt then ends by itself. */
  async function leave(authorizationUrl: string, insteadOf: string | undefined): Promise<void> {
    if (insteadOf !== undefined) {
      const declined = client.pms.declineChoice.mutate({ attemptId: insteadOf })
      await Promise.race([declined, pause(longestDecline)]).catch(() => undefined)
    }
    window.location.assign(webAddress(authorizationUrl))
  }

  // Back from Sikka by the browser's own button.
  useShownAgain(reset)

  return {
    begin: (insteadOf) => {
      // The second click of a double click comes before the page is drawn anew.
      if (queryClient.isMutating({ mutationKey: getMutationKey(trpc.pms.startConnection) }) > 0) return
      mutate(undefined, { onSuccess: ({ authorizationUrl }) => void leave(authorizationUrl, insteadOf) })
    },
    redirecting: isPending || isSuccess,
    failure: error ? readApiFailure(error) : undefined,
  }
}

/** An address on the web: a script in its place would run in this page. */
function webAddress(address: string): string {
  const { protocol, href } = new URL(address)
  if (protocol !== 'https:' && protocol !== 'http:') throw new Error('The authorization address is not on the web')
  return href
}
