import { LogOut } from 'lucide'
import type { ReactNode } from 'react'
import { useWords } from '../words/use-words.tsx'
import { Icon } from './icon.tsx'
import { LanguageSwitch } from './language-switch.tsx'

interface PageFrameProps {
  children: ReactNode
  /** how to call the signed-in person */
  person?: string
  onSignOut?: () => Promise<void>
}

/** Header and main part of every page. */
export function PageFrame({ children, person, onSignOut }: PageFrameProps) {
  const { product, frame } = useWords()
  return (
    <div className="page">
      <a className="skip" href="#main">
        {frame.skip}
      </a>
      <header className="page-header">
        <span className="page-brand">{product}</span>
        <div className="page-person">
          {onSignOut && (
            <span className="page-person-name" title={person}>
              {person}
            </span>
          )}
          <LanguageSwitch />
          {onSignOut && (
            <button type="button" className="button button-quiet" onClick={() => void onSignOut()}>
              <Icon of={LogOut} />
              {frame.signOut}
            </button>
          )}
        </div>
      </header>
      <main id="main" className="page-main" tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}
