import type { ReactNode } from 'react'

interface ButtonProps {
  children: ReactNode
  onClick: () => void
  look?: 'primary' | 'secondary' | 'quiet'
  /** Stays in place and keeps the focus, but does nothing. */
  busy?: boolean
}

/** A button; while busy it can still be found and focused. */
export function Button({ children, onClick, look = 'primary', busy = false }: ButtonProps) {
  return (
    <button
      type="button"
      className={`button button-${look}`}
      aria-disabled={busy}
      onClick={() => {
        if (!busy) onClick()
      }}
    >
      {children}
    </button>
  )
}
