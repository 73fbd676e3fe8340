import type { TRPCLink } from '@trpc/client'
import type { AnyRouter } from '@trpc/server'
import { observable } from '@trpc/server/observable'

/**
 * Lets calls of one procedure through at most once in so many milliseconds, whichever part of the page makes them.
 * @param isPaced whether a call with that input counts; the others go through
 */
export function pacedLink<Router extends AnyRouter>(
  path: string,
  milliseconds: number,
  isPaced: (input: unknown) => boolean = () => true,
): TRPCLink<Router> {
  return () => {
    let sentAt = -Infinity
    return ({ op, next }) =>
      observable((observer) => {
        const paced = op.path === path && isPaced(op.input)
        let timer: ReturnType<typeof setTimeout> | undefined
        let sent: { unsubscribe: () => void } | undefined

        function sendInTime(): void {
          const wait = sentAt + milliseconds - Date.now()
          const gone = op.signal?.aborted === true
          if (paced && wait > 0 && !gone) {
            timer = setTimeout(sendInTime, wait)
            return
          }
          if (paced && !gone) sentAt = Date.now()
          sent = next(op).subscribe(observer)
        }

        sendInTime()
        return () => {
          clearTimeout(timer)
          sent?.unsubscribe()
        }
      })
  }
}
