import { useCallback, useState } from 'react'
import { usePerson } from '../api/use-session.ts'
import { keep, readKept } from '../kept.ts'

/**
 * Whether this person has SPU installed, as far as this browser knows: the person has said so, or was seen connected.
 * It spares reading the instructions once more, and decides nothing.
 */
export function useInstalled(): { installed: boolean; say: () => void } {
  const key = `pms-spu-installed ${usePerson().subject}`
  const [installed, setInstalled] = useState(() => readKept(key) !== null)
  const say = useCallback(() => {
    setInstalled(true)
    keep(key, 'yes')
  }, [key])
  return { installed, say }
}
