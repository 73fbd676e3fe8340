import { ClipboardCopy, Download } from 'lucide'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Icon } from '../ui/icon.tsx'
import { useSay } from '../ui/toasts.tsx'
import type { Words } from '../words/catalogue.ts'
import { useWords } from '../words/use-words.tsx'
import { Wizard } from './wizard.tsx'

interface InstallScreenProps {
  spuDownloadUrl: string | undefined
  installed: boolean
  connected: boolean
  onInstalled: () => void
}

/** How SPU gets onto the office server, for whoever does it. */
export function InstallScreen({ spuDownloadUrl, installed, connected, onInstalled }: InstallScreenProps) {
  const { install: words } = useWords()
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
              {index === 0 && spuDownloadUrl !== undefined && (
                <a className="button button-secondary" href={spuDownloadUrl} target="_blank" rel="noreferrer">
                  <Icon of={Download} />
                  {words.download}
                  <span className="visually-hidden"> {words.downloadOpens}</span>
                </a>
              )}
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

function CopyInstructions({ text }: { text: string }) {
  const { install: words } = useWords()
  const say = useSay()
  const [refused, setRefused] = useState(false)

  async function copy() {
    try {
      await navigator.clipboard.writeText(text)
      say(words.copied, 'good')
    } catch {
      setRefused(true)
    }
  }

  if (refused) {
    return (
      <label className="copy-text">
        {words.notCopied}
        <textarea readOnly rows={9} value={text} ref={(area) => area?.select()} />
      </label>
    )
  }
  return (
    <Button look="secondary" onClick={() => void copy()}>
      <Icon of={ClipboardCopy} />
      {words.copy}
    </Button>
  )
}

/** For a message to whoever manages the server; its last step is for the sender. */
function instructions(words: Words['install'], spuDownloadUrl: string | undefined): string {
  const steps = words.steps.slice(0, -1).map(({ heading, text }, index) => `${index + 1}. ${heading}. ${text}`)
  const link = spuDownloadUrl === undefined ? [] : ['', `${words.download}: ${spuDownloadUrl}`]
  return [words.copyText, '', ...steps, ...link].join('\n')
}
