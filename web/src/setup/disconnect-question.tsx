import { useRef } from 'react'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Filled } from '../words/filled.tsx'
import { useWords } from '../words/use-words.tsx'
import { CallProblem } from './call-problem.tsx'
import { PracticeText } from './practice-text.tsx'
import type { PracticeName } from './setup-view.ts'
import type { Disconnect } from './use-disconnect.ts'

interface DisconnectQuestionProps {
  practice: PracticeName
  ending: Disconnect
  onClose: () => void
}

/** Asks once, and says what stops working. */
export function DisconnectQuestion({ practice, ending, onClose }: DisconnectQuestionProps) {
  const { disconnect: words } = useWords()
  const keep = useRef<HTMLButtonElement>(null)
  return (
    <Dialog
      heading={<Filled text={words.heading} with={{ practice: <PracticeText practice={practice} /> }} />}
      detail={words.detail}
      first={keep}
      onClose={onClose}
      busy={ending.busy}
    >
      <CallProblem failure={ending.failure} call="disconnect" />
      <div className="actions">
        <Button look="secondary" ref={keep} busy={ending.busy} onClick={onClose}>
          {words.no}
        </Button>
        <Button look="danger" busy={ending.busy} onClick={ending.disconnect}>
          {ending.busy ? words.doing : words.yes}
        </Button>
      </div>
      <output className="visually-hidden">{ending.busy && words.doing}</output>
    </Dialog>
  )
}
