import { reviewPath, setupPath } from '@pms/shared/setup-redirect'
import { Check } from 'lucide'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { Icon } from '../ui/icon.tsx'
import { fill } from '../words/filled.tsx'
import { useWords } from '../words/use-words.tsx'
import { installPath } from './paths.ts'

type WizardStep = 'install' | 'connect' | 'review'

const steps: readonly WizardStep[] = ['install', 'connect', 'review']
const paths: Record<WizardStep, string> = { install: installPath, connect: setupPath, review: reviewPath }

interface WizardProps {
  at: WizardStep
  /** SPU is said to be installed */
  installed: boolean
  connected: boolean
  children: ReactNode
}

/** The three steps of the setup, where in them this page is, and the page itself. */
export function Wizard({ at, installed, connected, children }: WizardProps) {
  const { wizard: words } = useWords()
  const isBehind: Record<WizardStep, boolean> = {
    install: installed || connected,
    connect: connected,
    review: false,
  }
  const position = fill(words.position, { step: String(steps.indexOf(at) + 1), steps: String(steps.length) })
  return (
    <div className="wizard">
      <nav className="wizard-steps" aria-label={words.label}>
        <p className="wizard-position">{position}</p>
        <ol>
          {steps.map((step, index) => {
            const isDone = isBehind[step]
            // There is nothing to review before the connection.
            const isOpen = step !== 'review' || connected || at === 'review'
            return (
              <li
                key={step}
                className={`wizard-step${isDone ? ' wizard-done' : ''}${step === at ? ' wizard-here' : ''}`}
              >
                <span className="wizard-mark" aria-hidden="true">
                  {isDone ? <Icon of={Check} /> : index + 1}
                </span>
                {isOpen ? (
                  <Link href={paths[step]} aria-current={step === at ? 'step' : undefined}>
                    {words.steps[step]}
                  </Link>
                ) : (
                  <span>{words.steps[step]}</span>
                )}
                {isDone && <span className="visually-hidden"> ({words.done})</span>}
              </li>
            )
          })}
        </ol>
      </nav>
      <div className="wizard-page">{children}</div>
    </div>
  )
}
