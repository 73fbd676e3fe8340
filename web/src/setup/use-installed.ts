import { useCallback, useState } from 'react'
import { usePerson } from '../api/use-session.ts'

/**
 * Whether this person has SPU installed, as far as this browser knows: the person has said so, or was seen connected.
 * It spares reading the instructions once more, and decides nothing.
 */
export function useInstalled(): { installed: boolean; say: () => void } {
  const key = `pms-spu-installed ${usePerson().subject}`
  const [installed, setInstalled] = useState(() => read(key))
  const say = useCallback(() => {
    setInstalled(true)
    try {
      localStorage.setItem(key, 'yes')
    } catch {
      // Storage is full or forbidden.
    }
  }, [key])
  return { installed, say }
}

function read(key: string): boolean {
  try {
    return localStorage.getItem(key) !== null
  } catch {
    return false
  }
}
