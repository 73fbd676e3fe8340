import { createContext, lazy, Suspense, use, useCallback, useState, type ComponentType, type ReactNode } from 'react'

/** Something that happened out of view. */
export interface ToastMessage {
  id: number
  text: string
  tone: 'good' | 'warning'
}

type Say = (text: string, tone: ToastMessage['tone']) => void

const SayContext = createContext<Say | undefined>(undefined)

/** Not needed to see the page: fetched when there is something to say for the first time; who is offline goes without. */
const Toaster = lazy<ComponentType<{ messages: readonly ToastMessage[] }>>(() =>
  import('./toaster.tsx').catch(() => ({ default: () => null })),
)

/** Lets everything below say what happened out of view. */
export function Toasts({ children }: { children: ReactNode }) {
  const [messages, setMessages] = useState<readonly ToastMessage[]>([])
  const say = useCallback<Say>(
    (text, tone) => setMessages((before) => [...before.slice(-9), { id: (before.at(-1)?.id ?? 0) + 1, text, tone }]),
    [],
  )
  return (
    <SayContext value={say}>
      {children}
      {messages.length > 0 && (
        <Suspense>
          <Toaster messages={messages} />
        </Suspense>
      )}
    </SayContext>
  )
}

export function useSay(): Say {
  const say = use(SayContext)
  if (!say) throw new Error('There is nowhere to say it outside of <Toasts>')
  return say
}
