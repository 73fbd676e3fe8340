import { setupWords } from './words.ts'

/** What to quote to support, so that the server's log can be searched for it. */
export function Reference({ id }: { id: string | undefined }) {
  if (id === undefined) return null
  return (
    <p className="reference">
      {setupWords.failed.reference} <code>{id}</code>
    </p>
  )
}
