import { AlertDialog } from '@base-ui/react/alert-dialog'
import type { ReactNode, RefObject } from 'react'
import { useSettled } from './use-settled.ts'

interface DialogProps {
  heading: ReactNode
  detail: string
  /** has the focus at first */
  first: RefObject<HTMLElement | null>
  /** by the Escape key */
  onClose: () => void
  /** the answer is being carried out: until it has succeeded or failed, the question stays */
  busy?: boolean
  children: ReactNode
}

/** A question that has to be answered before anything else. */
export function Dialog({ heading, detail, first, onClose, busy = false, children }: DialogProps) {
  const isSettled = useSettled()
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && !busy && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup
          className={isSettled ? 'question' : 'question settling'}
          initialFocus={first}
          onKeyDownCapture={(event) => {
            // The key that opened it, pressed again: the first button has the focus already. Escape and Tab work at once.
            if (!isSettled && (event.key === 'Enter' || event.key === ' ')) event.preventDefault()
          }}
        >
          <AlertDialog.Title>{heading}</AlertDialog.Title>
          <AlertDialog.Description>{detail}</AlertDialog.Description>
          {children}
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
