import { useState } from 'react'

const key = 'pms-declined-choice'

/**
 * The choice that the user has said no to in this tab. The way to Sikka and back forgets the page, but not this; the
 * server does not know it, and goes on asking until the question ends.
 */
export function useDeclined(): [string | undefined, (choiceId: string | undefined) => void] {
  const [declined, setDeclined] = useState(() => sessionStorage.getItem(key) ?? undefined)
  return [
    declined,
    (choiceId) => {
      if (choiceId === undefined) sessionStorage.removeItem(key)
      else sessionStorage.setItem(key, choiceId)
      setDeclined(choiceId)
    },
  ]
}
