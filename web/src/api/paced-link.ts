import type { TRPCLink } from '@trpc/client'
import type { AnyRouter } from '@trpc/server'
import { observable } from '@trpc/server/observable'

/** Lets calls of one procedure through at most once in so many milliseconds, whichever part of the page makes them. */
export function pacedLink<Router extends AnyRouter>(path: string, milliseconds: number): TRPCLink<Router> {
  return () => {
    let sentAt = -Infinity
    return ({ op, next }) =>
      observable((observer) => {
        let timer: ReturnType<typeof setTimeout> | undefined
        let sent: { unsubscribe: () => void } | undefined

        function sendInTime(): void {
          const wait = sentAt + milliseconds - Date.now()
          const gone = op.signal?.aborted === true
          if (op.path === path && wait > 0 && !gone) {
            timer = setTimeout(sendInTime, wait)
            return
          }
          if (op.path === path && !gone) sentAt = Date.now()
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
