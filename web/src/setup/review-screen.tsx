import type { ConnectionStatus } from '@pms/shared/connection-status'
import type { ReactNode } from 'react'
import { Card } from '../ui/card.tsx'
import { Notice } from '../ui/notice.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useMoment } from '../words/use-moment.ts'
import { useStepWords } from '../words/step-words.ts'
import { useWords } from '../words/use-words.tsx'
import { Abilities } from './abilities.tsx'
import { useOffers } from './offers.ts'
import { Retry } from './retry.tsx'
import type { Trouble } from './setup-view.ts'
import { Wizard } from './wizard.tsx'

interface ReviewScreenProps {
  /** undefined while it is not known */
  status: ConnectionStatus | undefined
  /** why it is not known, or may be out of date */
  trouble?: Trouble | undefined
  onRetry: () => Promise<unknown>
  /** below the facts */
  children?: ReactNode
}

/** The third step: what is connected, and what comes of it. */
export function ReviewScreen({ status, trouble, onRetry, children }: ReviewScreenProps) {
  const { review: words } = useStepWords()
  const { loading, trouble: troubles } = useWords()
  const { nextStepUrl } = useOffers()
  return (
    <Wizard at="review" installed={status !== undefined} connected={status !== undefined}>
      <h1 tabIndex={-1}>{words.heading}</h1>
      {/* Not before it is known; its place is kept. */}
      <p className="lead">{status ? (nextStepUrl === undefined ? words.done : words.goesOn) : '\u00a0'}</p>
      <Card tone={status ? 'good' : 'neutral'}>
        {status ? (
          <>
            {trouble && (
              <Notice>
                <output>{troubles[trouble]}</output>
              </Notice>
            )}
            <Facts status={status} />
            <Abilities />
            {nextStepUrl !== undefined && (
              <div className="actions">
                <a className="button button-primary" href={nextStepUrl}>
                  {words.next}
                </a>
              </div>
            )}
          </>
        ) : (
          <>
            <output>{trouble ? troubles[trouble] : loading.heading}</output>
            {trouble ? <Retry onRetry={onRetry} /> : <Skeleton lines={5} />}
          </>
        )}
      </Card>
      {children}
    </Wizard>
  )
}

function Facts({ status }: { status: ConnectionStatus }) {
  const { review: words } = useStepWords()
  const say = useMoment()
  const { practiceName = words.unknown, pmsType = words.unknown, connectedAt } = status
  return (
    <dl className="facts">
      <dt>{words.connectedTo}</dt>
      <dd>
        <bdi>{practiceName}</bdi>
      </dd>
      <dt>{words.pmsType}</dt>
      <dd>
        <bdi>{pmsType}</bdi>
      </dd>
      {connectedAt !== undefined && (
        <>
          <dt>{words.since}</dt>
          <dd>
            <time dateTime={connectedAt}>{say(connectedAt)}</time>
          </dd>
        </>
      )}
    </dl>
  )
}
