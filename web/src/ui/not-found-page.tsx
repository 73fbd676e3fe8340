import { setupPath } from '@pms/shared/setup-redirect'
import { Link } from 'wouter'
import { useWords } from '../words/use-words.tsx'
import { MessagePage } from './message-page.tsx'

/** For every address that the page does not know. */
export function NotFoundPage() {
  const { title, heading, detail, link } = useWords().notFound
  return (
    <MessagePage title={title} heading={heading} detail={detail}>
      <Link className="button button-primary" href={setupPath}>
        {link}
      </Link>
    </MessagePage>
  )
}
