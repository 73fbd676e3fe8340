import type { SetupErrorCode } from '@pms/shared/setup-redirect'
import { useEffect, useRef } from 'react'
import { Notice } from '../ui/notice.tsx'
import type { Words } from '../words/catalogue.ts'
import { Filled } from '../words/filled.tsx'
import { useWords } from '../words/use-words.tsx'
import { PracticeText } from './practice-text.tsx'
import type { SetupState } from './setup-view.ts'

interface StateProps {
  state: SetupState
  /** SPU is said to be installed */
  installed: boolean
}

/** What has happened and what it means; this is what a screen reader reads out when the state changes. */
export function StateHeading({ state, installed }: StateProps) {
  const words = useWords()
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = useRef(state.kind)

  useEffect(() => {
    if (shown.current === state.kind) return
    shown.current = state.kind
    // The button that had the focus is gone: the keyboard goes on from here rather than from the top.
    if (document.activeElement === document.body) heading.current?.focus()
  }, [state.kind])

  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        {headingOf(state, installed, words)}
      </h2>
      <Detail state={state} installed={installed} />
    </>
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
    case 'failed':
      return words.failed.headings[state.code]
  }
}

function Detail({ state, installed }: StateProps) {
  const words = useWords()
  switch (state.kind) {
    case 'unreachable':
    case 'broken':
    case 'redirecting':
      return <p>{words[state.kind].detail}</p>
    case 'not-connected':
      if (installed) return <p>{words.notConnected.readyDetail}</p>
      return (
        <>
          <p>{words.notConnected.detail}</p>
          <p>{words.notConnected.notSeen}</p>
        </>
      )
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

function FailureDetail({ failure: { code, stillConnected, lost } }: { failure: SetupState & { kind: 'failed' } }) {
  const words = useWords()
  const reasons: Partial<Record<string, string>> = words.lost.reasons
  return (
    <>
      {lost && (
        <Notice>
          <p>
            <strong>
              <Filled text={words.lost.notice} with={{ practice: <PracticeText practice={lost} /> }} />
            </strong>{' '}
            {reasons[lost.code] ?? words.lost.advice}
          </p>
        </Notice>
      )}
      {lost?.code !== code && <p>{words.failed.advice[code]}</p>}
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
