import { reviewPath, setupPath } from '@pms/shared/setup-redirect'
import { Check } from 'lucide'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { Icon } from '../ui/icon.tsx'
import { fill } from '../words/filled.tsx'
import { useWords } from '../words/use-words.tsx'
import { installPath } from './paths.ts'

export type WizardStep = 'install' | 'connect' | 'review'

const steps: readonly WizardStep[] = ['install', 'connect', 'review']
const paths: Record<WizardStep, string> = { install: installPath, connect: setupPath, review: reviewPath }

interface WizardProps {
  at: WizardStep
  /** what is behind the person */
  done: ReadonlySet<WizardStep>
  children: ReactNode
}

/** The three steps of the setup, where in them this page is, and the page itself. */
export function Wizard({ at, done, children }: WizardProps) {
  const { wizard: words } = useWords()
  const position = fill(words.position, { step: String(steps.indexOf(at) + 1), steps: String(steps.length) })
  return (
    <div className="wizard">
      <nav className="wizard-steps" aria-label={words.label}>
        <p className="wizard-position">{position}</p>
        <ol>
          {steps.map((step, index) => {
            const isDone = done.has(step)
            // There is nothing to review before the connection.
            const isOpen = step !== 'review' || done.has('connect') || at === 'review'
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
