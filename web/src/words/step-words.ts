import { createContext, use } from 'react'
import type { StepWords } from './catalogue.ts'

export const StepWordsContext = createContext<StepWords | undefined>(undefined)

/** The words of the steps before and after the connection. */
export function useStepWords(): StepWords {
  const words = use(StepWordsContext)
  if (!words) throw new Error('The words of the steps are not loaded here')
  return words
}
