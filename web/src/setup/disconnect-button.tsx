import { useEffect, useId, useRef, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { CallProblem } from './call-problem.tsx'
import { PracticeText } from './practice-text.tsx'
import type { PracticeName } from './setup-view.ts'
import type { Disconnect } from './use-disconnect.ts'
import { setupWords } from './words.ts'

const words = setupWords.disconnect

interface DisconnectProps {
  practice: PracticeName
  ending: Disconnect
}

/** Ends the connection, after a question that says what stops working. */
export function DisconnectButton({ practice, ending }: DisconnectProps) {
  // Counted, because a dialog says that it was closed a moment after: by then it may be asked again.
  const [asked, setAsked] = useState(0)
  const [closed, setClosed] = useState(0)
  return (
    <>
      <Button look="quiet" onClick={() => setAsked((count) => count + 1)}>
        {words.open}
      </Button>
      {asked > closed && <Question key={asked} practice={practice} ending={ending} onClose={() => setClosed(asked)} />}
    </>
  )
}

function Question({ practice, ending, onClose }: DisconnectProps & { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const detail = useId()
  useEffect(() => dialog.current?.showModal(), [])

  function close() {
    ending.reset()
    onClose()
  }

  return (
    <dialog ref={dialog} className="question" aria-labelledby={heading} aria-describedby={detail} onClose={close}>
      <h2 id={heading}>
        <span>
          {words.heading.before} <PracticeText practice={practice} />
          {words.heading.after}
        </span>
      </h2>
      <p id={detail}>{words.detail}</p>
      <CallProblem failure={ending.failure} words={setupWords.disconnectProblem} />
      <div className="actions">
        {/* First, so that it has the focus: a key pressed twice disconnects nobody. */}
        <Button look="secondary" onClick={() => dialog.current?.close()}>
          {words.no}
        </Button>
        <Button look="danger" busy={ending.busy} onClick={ending.disconnect}>
          {words.yes}
        </Button>
      </div>
    </dialog>
  )
}
