import { useEffect, useEffectEvent, useState } from 'react'

/**
 * Whether the server gives no sign of life while a request is held, which by itself would show it after 35 seconds only.
 * @param isWatched while it is worth a small request a second: when something is in progress
 * @param onUp called when the server answers again: the request that is held may be lost
 */
export function useLineDown(isWatched: boolean, onUp: () => void): boolean {
  const [isDown, setDown] = useState(false)
  const hear = useEffectEvent((isUp: boolean) => {
    setDown(!isUp)
    if (isUp) onUp()
  })
  useEffect(() => {
    if (!isWatched) return undefined
    const watch = new AbortController()
    void import('./line-probe.ts')
      .then(({ probeLine }) => probeLine({ signal: watch.signal, onChange: (isUp) => hear(isUp) }))
      .catch(() => undefined)
    return () => {
      watch.abort()
      setDown(false)
    }
  }, [isWatched])
  return isDown
}
