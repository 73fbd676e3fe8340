import type { IconNode } from 'lucide'
import { createElement } from 'react'

/** A picture beside a text that says the same: a screen reader does not hear of it. */
export function Icon({ of }: { of: IconNode }) {
  return (
    <svg
      className="icon"
      aria-hidden="true"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {of.map(([tag, attributes], index) => createElement(tag, { key: index, ...attributes }))}
    </svg>
  )
}
