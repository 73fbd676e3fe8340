import { CircleCheck, TriangleAlert } from 'lucide'
import type { ReactNode } from 'react'
import { Icon } from './icon.tsx'

interface NoticeProps {
  children: ReactNode
  tone?: 'warning' | 'good'
  /** Read out at once. */
  urgent?: boolean
}

/** A remark beside the main matter. */
export function Notice({ children, tone = 'warning', urgent = false }: NoticeProps) {
  const icon = tone === 'good' ? CircleCheck : TriangleAlert
  return (
    <div className={`notice notice-${tone}`} role={urgent ? 'alert' : undefined}>
      <Icon of={icon} />
      <div className="notice-text">{children}</div>
    </div>
  )
}
