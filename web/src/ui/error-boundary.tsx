import { Component, type ReactNode } from 'react'
import { Button } from './button.tsx'
import { MessagePage } from './message-page.tsx'
import { frameWords } from './words.ts'

/** The last resort: an error while drawing the page, or a part of the page that cannot be loaded. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    if (!this.state.failed) return this.props.children
    const { title, heading, detail, button } = frameWords.crash
    return (
      <MessagePage title={title} heading={heading} detail={detail} tone="bad">
        <Button onClick={() => window.location.reload()}>{button}</Button>
      </MessagePage>
    )
  }
}
