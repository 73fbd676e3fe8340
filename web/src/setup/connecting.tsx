import { connectionSteps, type ConnectionStep } from '@pms/shared/connection-terms'
import { Check } from 'lucide'
import { Icon } from '../ui/icon.tsx'
import { useWords } from '../words/use-words.tsx'
import type { SetupState } from './setup-view.ts'

const steps = [...connectionSteps, 'stored'] as const

/** How many steps have been passed, when the last one is this. */
function countPassed(step: ConnectionStep | undefined): number {
  return step === undefined ? 0 : connectionSteps.indexOf(step) + 1
}

/** The step that runs, for a screen reader: there at all times, so that what comes to stand in it is read out. */
export function RunningStep({ state }: { state: SetupState }) {
  const { connecting: words } = useWords()
  const running = state.kind === 'connecting' ? steps[countPassed(state.step)] : undefined
  return (
    <p className="visually-hidden" aria-live="polite" aria-atomic="true">
      {running && words.steps[running].doing}
    </p>
  )
}

/** The steps on the way; the server names the last one passed. */
export function Connecting({ step }: { step: ConnectionStep | undefined }) {
  const { connecting: words } = useWords()
  const passed = countPassed(step)
  return (
    <ol className="progress">
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
