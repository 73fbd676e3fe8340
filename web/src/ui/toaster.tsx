import { Toast } from '@base-ui/react/toast'
import { CircleCheck, TriangleAlert, X } from 'lucide'
import { useEffect, useRef, useState } from 'react'
import { useWords } from '../words/use-words.tsx'
import { Icon } from './icon.tsx'
import type { ToastMessage } from './toasts.tsx'

/** Milliseconds until a notice goes by itself: as long as it takes to read it twice. */
const staysFor = 8_000

/** Shows the messages, each once. */
export default function Toaster({ messages }: { messages: readonly ToastMessage[] }) {
  const { toasts: words } = useWords()
  const [manager] = useState(() => Toast.createToastManager<ToastMessage>())
  const shown = useRef(0)
  useEffect(() => {
    for (const message of messages) {
      if (message.id <= shown.current) continue
      shown.current = message.id
      manager.add({ title: message.text, data: message, timeout: staysFor })
    }
  }, [manager, messages])
  return (
    <Toast.Provider toastManager={manager}>
      <Toast.Portal>
        <Toast.Viewport className="toasts" aria-label={words.label}>
          <List close={words.close} />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function List({ close }: { close: string }) {
  const { toasts } = Toast.useToastManager<ToastMessage>()
  return toasts.map((toast) => {
    const tone = toast.data?.tone ?? 'good'
    const icon = tone === 'good' ? CircleCheck : TriangleAlert
    return (
      <Toast.Root key={toast.id} toast={toast} className={`toast toast-${tone}`}>
        <Icon of={icon} />
        <Toast.Title className="toast-text" render={<p />} />
        <Toast.Close className="button button-quiet toast-close" aria-label={close}>
          <Icon of={X} />
        </Toast.Close>
      </Toast.Root>
    )
  })
}
