import { useEffect, useEffectEvent } from 'react'

/** Hears of it when the browser shows the page as it was left, on going back to it. */
export function useShownAgain(onShown: () => void): void {
  const hear = useEffectEvent(onShown)
  useEffect(() => {
    const onShow = ({ persisted }: PageTransitionEvent): void => {
      if (persisted) hear()
    }
    window.addEventListener('pageshow', onShow)
    return () => window.removeEventListener('pageshow', onShow)
  }, [])
}
