import type { ReactNode } from 'react'

export type Tone = 'neutral' | 'progress' | 'good' | 'bad' | 'warning'

/** The one framed area of a page; its tone says at a glance how things stand. */
export function Card({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return <section className={`card card-${tone}`}>{children}</section>
}
