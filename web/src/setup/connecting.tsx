import { connectionSteps, type ConnectionStep } from '@pms/shared/connection-terms'
import { Check } from 'lucide'
import { Icon } from '../ui/icon.tsx'
import { useWords } from '../words/use-words.tsx'

const steps = [...connectionSteps, 'stored'] as const

/** The steps on the way; the server names the last one passed. */
export function Connecting({ step }: { step: ConnectionStep | undefined }) {
  const { connecting: words } = useWords()
  const passed = step === undefined ? 0 : connectionSteps.indexOf(step) + 1
  return (
    <ol className="progress" aria-live="polite">
      {steps.map((name, index) => {
        const state = index < passed ? 'done' : index === passed ? 'current' : 'next'
        const { doing, done } = words.steps[name]
        return (
          <li key={name} className={`progress-${state}`} aria-current={state === 'current' ? 'step' : undefined}>
            <span className="progress-mark" aria-hidden="true">
              {state === 'done' && <Icon of={Check} />}
            </span>
            {state === 'done' ? done : doing}
            <span className="visually-hidden"> ({words.states[state]})</span>
          </li>
        )
      })}
    </ol>
  )
}
