import type { ReactNode } from 'react'

interface NoticeProps {
  children: ReactNode
  tone?: 'warning' | 'good'
  /** Read out at once. */
  urgent?: boolean
}

/** A remark beside the main matter. */
export function Notice({ children, tone = 'warning', urgent = false }: NoticeProps) {
  return (
    <div className={`notice notice-${tone}`} role={urgent ? 'alert' : undefined}>
      {children}
    </div>
  )
}
