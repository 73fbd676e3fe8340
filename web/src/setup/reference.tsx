import { useRef } from 'react'
import { useCopy } from '../ui/use-copy.ts'
import { useWords } from '../words/use-words.tsx'
import { Support } from './support.tsx'

/** What to quote to support, so that the server's log can be searched for it; and how to reach support. */
export function Reference({ id }: { id: string | undefined }) {
  if (id === undefined) return null
  return (
    <>
      <Copied id={id} />
      <Support reference={id} />
    </>
  )
}

/** Where the browser refuses to copy, the reference is selected for it. */
function Copied({ id }: { id: string }) {
  const { failed, copying } = useWords()
  const code = useRef<HTMLElement>(null)
  const { outcome, copy } = useCopy()

  async function copyOrSelect() {
    if (!(await copy(id)) && code.current) window.getSelection()?.selectAllChildren(code.current)
  }

  return (
    <p className="reference">
      {failed.reference} <code ref={code}>{id}</code>{' '}
      <button
        type="button"
        className="button button-quiet"
        aria-label={copying.reference}
        onClick={() => void copyOrSelect()}
      >
        {copying.button}
      </button>{' '}
      <output>{outcome && copying[outcome]}</output>
    </p>
  )
}
