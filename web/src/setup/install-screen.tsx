import { ClipboardCopy, Download } from 'lucide'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Icon } from '../ui/icon.tsx'
import { useSay } from '../ui/toasts.tsx'
import { useCopy } from '../ui/use-copy.ts'
import type { StepWords } from '../words/catalogue.ts'
import { useStepWords } from '../words/step-words.ts'
import { useOffers } from './offers.ts'
import { Wizard } from './wizard.tsx'

interface InstallScreenProps {
  installed: boolean
  connected: boolean
  onInstalled: () => void
}

/** How SPU gets onto the office server, for whoever does it. */
export function InstallScreen({ installed, connected, onInstalled }: InstallScreenProps) {
  const { install: words } = useStepWords()
  const { spuDownloadUrl } = useOffers()
  return (
    <Wizard at="install" installed={installed} connected={connected}>
      <h1 tabIndex={-1}>{words.heading}</h1>
      <p className="lead">{words.lead}</p>
      <Card>
        <ol className="guide">
          {words.steps.map(({ heading, text }, index) => (
            <li key={heading}>
              <strong>{heading}</strong>
              <p>{text}</p>
              {index === 0 && <GetSpu url={spuDownloadUrl} />}
            </li>
          ))}
        </ol>
        <div className="aside">
          <p>{words.copyWhy}</p>
          <CopyInstructions text={instructions(words, spuDownloadUrl)} />
        </div>
        <div className="actions">
          <Button onClick={onInstalled}>{words.done}</Button>
        </div>
      </Card>
    </Wizard>
  )
}

function GetSpu({ url }: { url: string | undefined }) {
  const { install: words } = useStepWords()
  if (url === undefined) return <p>{words.byEmail}</p>
  return (
    <a className="button button-secondary" href={url} target="_blank" rel="noreferrer">
      <Icon of={Download} />
      {words.download}
      <span className="visually-hidden"> {words.downloadOpens}</span>
    </a>
  )
}

function CopyInstructions({ text }: { text: string }) {
  const { install: words } = useStepWords()
  const say = useSay()
  const { outcome, copy } = useCopy()

  async function copyAndSay() {
    if (await copy(text)) say(words.copied, 'good')
  }

  if (outcome === 'refused') {
    return (
      <label className="copy-text">
        {words.notCopied}
        <textarea readOnly rows={9} value={text} ref={(area) => area?.select()} />
      </label>
    )
  }
  return (
    <Button look="secondary" onClick={() => void copyAndSay()}>
      <Icon of={ClipboardCopy} />
      {words.copy}
    </Button>
  )
}

/** For a message of the practice to whoever manages its server: it speaks of "our" practice throughout. */
function instructions({ message, download }: StepWords['install'], spuDownloadUrl: string | undefined): string {
  const steps = message.steps.map((step, index) => `${index + 1}. ${step}`)
  const from = spuDownloadUrl === undefined ? message.byEmail : `${download}: ${spuDownloadUrl}`
  return [message.opening, '', ...steps, '', from].join('\n')
}
