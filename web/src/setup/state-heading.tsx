import { timeoutText } from '@pms/shared/errors'
import { useEffect, useRef } from 'react'
import { Notice } from '../ui/notice.tsx'
import { Spinner } from '../ui/spinner.tsx'
import { PracticeText } from './practice-text.tsx'
import type { SetupState } from './setup-view.ts'
import { failureAdvice, lostAdvice, setupWords } from './words.ts'

/** What has happened and what it means; this is what a screen reader reads out when the state changes. */
export function StateHeading({ state }: { state: SetupState }) {
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = useRef(state.kind)

  useEffect(() => {
    if (shown.current === state.kind) return
    shown.current = state.kind
    // The button that had the focus is gone: the keyboard goes on from here rather than from the top.
    if (document.activeElement === document.body) heading.current?.focus()
  }, [state.kind])

  const busy = state.kind === 'connecting' || state.kind === 'redirecting' || state.kind === 'loading'
  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        {busy && <Spinner />}
        <span>{headingOf(state)}</span>
      </h2>
      <Detail state={state} />
    </>
  )
}

function headingOf(state: SetupState) {
  switch (state.kind) {
    case 'loading':
      return setupWords.loading.heading
    case 'unreachable':
      return setupWords.unreachable.heading
    case 'broken':
      return setupWords.broken.heading
    case 'not-connected':
      return setupWords.notConnected.heading
    case 'redirecting':
      return setupWords.redirecting.heading
    case 'connecting':
      return setupWords.connecting.heading
    case 'choosing':
      return setupWords.choosing.heading
    case 'replacing': {
      const { before, between, after } = setupWords.replacing.heading
      return (
        <>
          {before} <bdi>{state.replaces}</bdi> {between} <PracticeText practice={state.choice} />
          {after}
        </>
      )
    }
    case 'timed-out':
      return timeoutText
    case 'connected':
      return (
        <>
          {setupWords.connected.successfully} <PracticeText practice={state.practice} />
        </>
      )
    case 'failed':
      return state.text
  }
}

function Detail({ state }: { state: SetupState }) {
  switch (state.kind) {
    case 'unreachable':
      return <p>{setupWords.unreachable.detail}</p>
    case 'broken':
      return <p>{setupWords.broken.detail}</p>
    case 'not-connected':
      return <p>{setupWords.notConnected.detail}</p>
    case 'redirecting':
      return <p>{setupWords.redirecting.detail}</p>
    case 'connecting':
      return (
        <>
          <p>{setupWords.connecting.detail}</p>
          <NoticeBeside text={state.notice} then={setupWords.noticeBeside.connecting} />
        </>
      )
    case 'choosing':
      return (
        <>
          <p>{setupWords.choosing.detail}</p>
          {state.replaces !== undefined && (
            <p>
              {setupWords.choosing.replaces.before} <bdi>{state.replaces}</bdi>
              {setupWords.choosing.replaces.after}
            </p>
          )}
          <NoticeBeside text={state.notice} then={setupWords.noticeBeside.connecting} />
        </>
      )
    case 'replacing':
      return (
        <>
          <p>{setupWords.replacing.detail}</p>
          <p>{setupWords.replacing.keepMeans}</p>
          <NoticeBeside text={state.notice} then={setupWords.noticeBeside.connecting} />
        </>
      )
    case 'timed-out':
      return (
        <>
          <p>{setupWords.timedOut.detail}</p>
          <NoticeBeside text={state.notice} then={setupWords.noticeBeside.connecting} />
        </>
      )
    case 'connected':
      return <NoticeBeside text={state.notice} then={setupWords.noticeBeside.connected} />
    case 'failed':
      return <FailureDetail failure={state} />
    case 'loading':
      return null
  }
}

function FailureDetail({ failure: { code, stillConnected, lost } }: { failure: SetupState & { kind: 'failed' } }) {
  return (
    <>
      {lost && (
        <Notice>
          <strong>
            {setupWords.lost.before} <PracticeText practice={lost} /> {setupWords.lost.after}
          </strong>{' '}
          {lostAdvice[lost.code] ?? setupWords.lost.advice}
        </Notice>
      )}
      {lost?.code !== code && <p>{failureAdvice[code]}</p>}
      {stillConnected && (
        <Notice tone="good">
          <PracticeText practice={stillConnected} /> {setupWords.stillConnected}
        </Notice>
      )}
    </>
  )
}

function NoticeBeside({ text, then }: { text: string | undefined; then: string }) {
  if (text === undefined) return null
  return (
    <Notice>
      <strong>{text}</strong> {then}
    </Notice>
  )
}
