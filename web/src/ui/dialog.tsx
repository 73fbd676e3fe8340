import { AlertDialog } from '@base-ui/react/alert-dialog'
import type { ReactNode, RefObject } from 'react'

interface DialogProps {
  heading: ReactNode
  detail: string
  /** has the focus at first */
  first: RefObject<HTMLElement | null>
  /** by the Escape key */
  onClose: () => void
  children: ReactNode
}

/** A question that has to be answered before anything else. */
export function Dialog({ heading, detail, first, onClose, children }: DialogProps) {
  return (
    <AlertDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="question" initialFocus={first}>
          <AlertDialog.Title>{heading}</AlertDialog.Title>
          <AlertDialog.Description>{detail}</AlertDialog.Description>
          {children}
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
