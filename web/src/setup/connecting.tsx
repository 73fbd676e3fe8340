import { ConnectionStep } from '@pms/shared/connection-status'
import { setupWords } from './words.ts'

/** The steps on the way; the server names the last one passed. */
export function Connecting({ step }: { step: ConnectionStep | undefined }) {
  const steps = ConnectionStep.options.map((name) => setupWords.steps[name])
  const passed = step === undefined ? 0 : ConnectionStep.options.indexOf(step) + 1
  return (
    <ol className="progress" aria-live="polite">
      {[...steps, { doing: setupWords.lastStep, done: setupWords.lastStep }].map(({ doing, done }, index) => {
        const state = index < passed ? 'done' : index === passed ? 'current' : 'next'
        return (
          <li key={doing} className={`progress-${state}`} aria-current={state === 'current' ? 'step' : undefined}>
            {state === 'done' ? done : doing}
            <span className="visually-hidden"> ({setupWords.connecting.states[state]})</span>
          </li>
        )
      })}
    </ol>
  )
}
