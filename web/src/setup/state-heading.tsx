import type { SetupErrorCode } from '@pms/shared/setup-redirect'
import { useEffect, useRef, type ReactNode } from 'react'
import { Notice } from '../ui/notice.tsx'
import type { Words } from '../words/catalogue.ts'
import { Filled } from '../words/filled.tsx'
import { useWords } from '../words/use-words.tsx'
import { PracticeText } from './practice-text.tsx'
import { lossOf, type PracticeName, type SetupState } from './setup-view.ts'

interface StateProps {
  state: SetupState
  /** SPU is said to be installed */
  installed: boolean
}

/** How long a heading that has just got the focus is not read out as a change as well, milliseconds. */
const focusSays = 1_000

/**
 * What has happened and what it means. A change is read out once and whole: by the focus, when the control that had it
 * is gone, else as a live region.
 */
export function StateHeading({ state, installed, children }: StateProps & { children: ReactNode }) {
  const words = useWords()
  const region = useRef<HTMLDivElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = useRef(state.kind)
  const focused = useRef<EventTarget>(null)

  useEffect(() => {
    const note = ({ target }: FocusEvent) => void (focused.current = target)
    document.addEventListener('focusin', note)
    return () => document.removeEventListener('focusin', note)
  }, [])

  useEffect(() => {
    if (shown.current === state.kind) return undefined
    shown.current = state.kind
    const isLost = focused.current instanceof Element && !focused.current.isConnected
    if (!isLost || document.activeElement !== document.body) return undefined
    // The keyboard goes on from here rather than from the top.
    region.current?.setAttribute('aria-live', 'off')
    heading.current?.focus()
    const timer = setTimeout(() => region.current?.setAttribute('aria-live', 'polite'), focusSays)
    return () => clearTimeout(timer)
  }, [state.kind])

  return (
    <div ref={region} className="state" aria-live="polite" aria-atomic="true">
      <h2 ref={heading} tabIndex={-1} aria-describedby="state-detail">
        {headingOf(state, installed, words)}
      </h2>
      <div id="state-detail">
        <Detail state={state} installed={installed} />
        {children}
      </div>
    </div>
  )
}

function headingOf(state: SetupState, installed: boolean, words: Words) {
  switch (state.kind) {
    case 'loading':
    case 'unreachable':
    case 'broken':
    case 'redirecting':
    case 'connecting':
    case 'choosing':
      return words[state.kind].heading
    case 'not-connected':
      return installed ? words.notConnected.readyHeading : words.notConnected.heading
    case 'replacing':
      return (
        <Filled
          text={words.replacing.heading}
          with={{ old: <bdi>{state.replaces}</bdi>, new: <PracticeText practice={state.choice} /> }}
        />
      )
    case 'timed-out':
      return words.timedOut.heading
    case 'connected':
      return <Filled text={words.connected.heading} with={{ practice: <PracticeText practice={state.practice} /> }} />
    case 'failed': {
      const loss = lossOf(state)
      return loss ? <Lost practice={loss} /> : words.failed.headings[state.code]
    }
  }
}

function Detail({ state, installed }: StateProps) {
  const words = useWords()
  switch (state.kind) {
    case 'unreachable':
      return <p>{words.trouble[state.trouble]}</p>
    case 'broken':
    case 'redirecting':
      return <p>{words[state.kind].detail}</p>
    case 'not-connected':
      return <p>{installed ? words.notConnected.readyDetail : words.notConnected.detail}</p>
    case 'connecting':
      return (
        <>
          <p>{words.connecting.detail}</p>
          <RefusedBeside code={state.refused} then={words.noticeBeside.connecting} />
        </>
      )
    case 'choosing':
      return (
        <>
          <p>{state.choices.length === 1 ? words.choosing.single : words.choosing.detail}</p>
          {state.replaces !== undefined && (
            <p>
              <Filled text={words.choosing.replaces} with={{ practice: <bdi>{state.replaces}</bdi> }} />
            </p>
          )}
          <RefusedBeside code={state.refused} then={words.noticeBeside.connecting} />
        </>
      )
    case 'replacing':
      return (
        <>
          <p>{words.replacing.detail}</p>
          <p>{words.replacing.keepMeans}</p>
          <RefusedBeside code={state.refused} then={words.noticeBeside.connecting} />
        </>
      )
    case 'timed-out':
      return (
        <>
          <p>{words.timedOut.detail}</p>
          <RefusedBeside code={state.refused} then={words.noticeBeside.connecting} />
        </>
      )
    case 'connected':
      return <RefusedBeside code={state.refused} then={words.noticeBeside.connected} />
    case 'failed':
      return <FailureDetail failure={state} />
    case 'loading':
      return null
  }
}

function FailureDetail({ failure }: { failure: SetupState & { kind: 'failed' } }) {
  const words = useWords()
  const { code, stillConnected, lost } = failure
  const reasons: Partial<Record<string, string>> = words.lost.reasons
  const reason = lost && (reasons[lost.code] ?? words.lost.advice)
  if (lossOf(failure)) return <p>{reason}</p>
  return (
    <>
      {lost && (
        <Notice>
          <p>
            <strong>
              <Lost practice={lost} />
            </strong>{' '}
            {reason}
          </p>
        </Notice>
      )}
      <p>{words.failed.advice[code]}</p>
      {stillConnected && (
        <Notice tone="good">
          <p>
            <Filled text={words.stillConnected} with={{ practice: <PracticeText practice={stillConnected} /> }} />
          </p>
        </Notice>
      )}
    </>
  )
}

function Lost({ practice: { practiceName } }: { practice: PracticeName }) {
  const { lost } = useWords()
  return (
    <Filled
      text={lost.heading}
      with={{ practiceName: <PracticeText practice={{ practiceName, pmsType: undefined }} /> }}
    />
  )
}

/** What the address says of another attempt, beside what is so. */
function RefusedBeside({ code, then }: { code: SetupErrorCode | undefined; then: string }) {
  const { failed } = useWords()
  if (code === undefined) return null
  return (
    <Notice>
      <p>
        <strong>{failed.headings[code]}</strong> {then}
      </p>
    </Notice>
  )
}
