import { useCallback, useState } from 'react'
import { installedKey, keep, readKept } from '../kept.ts'

/**
 * Whether SPU is installed, as far as this browser knows: the signed-in person has said so, or was seen connected.
 * It spares reading the instructions once more, and decides nothing.
 */
export function useInstalled(): { installed: boolean; say: () => void } {
  const [installed, setInstalled] = useState(() => readKept(installedKey) !== null)
  const say = useCallback(() => {
    setInstalled(true)
    keep(installedKey, 'yes')
  }, [])
  return { installed, say }
}
