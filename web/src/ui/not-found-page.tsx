import { setupPath } from '@pms/shared/setup-redirect'
import { Link } from 'wouter'
import { MessagePage } from './message-page.tsx'
import { frameWords } from './words.ts'

/** For every address that the page does not know. */
export function NotFoundPage() {
  const { title, heading, detail, link } = frameWords.notFound
  return (
    <MessagePage title={title} heading={heading} detail={detail}>
      <Link href={setupPath}>{link}</Link>
    </MessagePage>
  )
}
