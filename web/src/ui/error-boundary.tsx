import { Component, type ReactNode } from 'react'
import { useWords } from '../words/use-words.tsx'
import { Button } from './button.tsx'
import { MessagePage } from './message-page.tsx'

/** The last resort: an error while drawing the page, or a part of the page that cannot be loaded. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    return this.state.failed ? <Crashed /> : this.props.children
  }
}

function Crashed() {
  const { title, heading, detail, button } = useWords().crash
  return (
    <MessagePage title={title} heading={heading} detail={detail} tone="bad">
      <Button onClick={() => window.location.reload()}>{button}</Button>
    </MessagePage>
  )
}
