import type { ReactNode } from 'react'
import { Card, type Tone } from './card.tsx'
import { PageFrame } from './page-frame.tsx'
import { usePageTitle } from './use-page-title.ts'

interface MessagePageProps {
  title: string
  heading: string
  detail: string
  tone?: Tone
  /** what to do next */
  children: ReactNode
}

/** A page that says one thing and offers one way on. */
export function MessagePage({ title, heading, detail, tone = 'neutral', children }: MessagePageProps) {
  usePageTitle(title)
  return (
    <PageFrame>
      <div className="message">
        <Card tone={tone}>
          <h1 tabIndex={-1}>{heading}</h1>
          <p>{detail}</p>
          <div className="actions">{children}</div>
        </Card>
      </div>
    </PageFrame>
  )
}
