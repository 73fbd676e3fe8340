import { useState } from 'react'

/** Copies texts, and says how that went: a browser may refuse, or have no clipboard outside of https. */
export function useCopy(): { outcome: 'copied' | 'refused' | undefined; copy: (text: string) => Promise<boolean> } {
  const [outcome, setOutcome] = useState<'copied' | 'refused'>()
  async function copy(text: string): Promise<boolean> {
    try {
      await navigator.clipboard.writeText(text)
      setOutcome('copied')
      return true
    } catch {
      setOutcome('refused')
      return false
    }
  }
  return { outcome, copy }
}
