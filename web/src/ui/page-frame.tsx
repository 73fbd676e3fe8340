import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { frameWords } from './words.ts'

interface PageFrameProps {
  children: ReactNode
  /** how to call the signed-in person */
  person?: string
  onSignOut?: () => Promise<void>
}

/** Header and main part of every page. */
export function PageFrame({ children, person, onSignOut }: PageFrameProps) {
  return (
    <div className="page">
      <header className="page-header">
        <span className="page-brand">{frameWords.product}</span>
        {onSignOut && (
          <div className="page-person">
            <span className="page-person-name" title={person}>
              {person}
            </span>
            <Button look="quiet" onClick={() => void onSignOut()}>
              {frameWords.signOut}
            </Button>
          </div>
        )}
      </header>
      <main className="page-main">{children}</main>
    </div>
  )
}
