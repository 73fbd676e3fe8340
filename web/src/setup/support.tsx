import { useWords } from '../words/use-words.tsx'
import { useOffers } from './offers.ts'

/**
 * How to reach support, where a text beside it says to.
 * @param reference goes along in the subject of an e-mail
 */
export function Support({ reference }: { reference?: string | undefined }) {
  const { support: words, product } = useWords()
  const { supportEmail, supportUrl } = useOffers()
  if (supportEmail === undefined && supportUrl === undefined) return <p className="reference">{words.none}</p>
  const subject = reference === undefined ? product : `${product} ${reference}`
  return (
    <p className="reference">
      {words.label}{' '}
      {supportEmail !== undefined && (
        <a href={`mailto:${supportEmail}?subject=${encodeURIComponent(subject)}`}>{supportEmail}</a>
      )}
      {supportEmail !== undefined && supportUrl !== undefined && ', '}
      {supportUrl !== undefined && (
        <a href={supportUrl} target="_blank" rel="noreferrer">
          {words.page}
        </a>
      )}
    </p>
  )
}
