import type { ReactNode, Ref } from 'react'

interface ButtonProps {
  children: ReactNode
  onClick?: () => void
  look?: 'primary' | 'secondary' | 'quiet' | 'danger'
  /** Sends the form that it is in. */
  submits?: boolean
  /** Stays in place and keeps the focus, but does nothing. */
  busy?: boolean
  ref?: Ref<HTMLButtonElement>
}

/** A button; while busy it can still be found and focused. */
export function Button({ children, onClick, look = 'primary', submits = false, busy = false, ref }: ButtonProps) {
  return (
    <button
      ref={ref}
      type={submits ? 'submit' : 'button'}
      className={`button button-${look}`}
      aria-disabled={busy}
      onClick={(event) => {
        if (busy) event.preventDefault()
        else onClick?.()
      }}
    >
      {children}
    </button>
  )
}
