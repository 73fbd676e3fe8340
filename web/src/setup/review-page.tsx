import type { ConnectionStatus } from '@pms/shared/connection-status'
import { setupPath } from '@pms/shared/setup-redirect'
import { useEffect, useRef } from 'react'
import { Redirect } from 'wouter'
import { Card } from '../ui/card.tsx'
import { usePageTitle } from '../ui/use-page-title.ts'
import { useStatus } from './use-status.ts'
import { setupWords } from './words.ts'

const words = setupWords.review

/** What was connected. Reachable only when the server says that something is. */
export function ReviewPage() {
  usePageTitle(words.title)
  const heading = useRef<HTMLHeadingElement>(null)
  const { answer, failure } = useStatus(undefined, { enabled: true })
  useEffect(() => heading.current?.focus(), [])

  if (answer && !answer.isConnected) return <Redirect to={setupPath} replace />
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {words.heading}
      </h1>
      <Card tone={answer ? 'good' : 'neutral'}>
        {answer ? (
          <Connection status={answer} />
        ) : (
          <output>{failure ? words.unreachable : setupWords.loading.heading}</output>
        )}
      </Card>
    </>
  )
}

function Connection({ status }: { status: ConnectionStatus }) {
  const { practiceName = words.unknown, pmsType = words.unknown, connectedAt } = status
  return (
    <>
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
              <time dateTime={connectedAt}>{new Date(connectedAt).toLocaleString()}</time>
            </dd>
          </>
        )}
      </dl>
      <p>{words.goesOn}</p>
    </>
  )
}
