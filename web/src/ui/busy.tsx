import { Card } from './card.tsx'
import { Skeleton } from './skeleton.tsx'

/** Something is under way that takes a moment: in a word what it is, and the shape of what comes. */
export function Busy({ text }: { text: string }) {
  return (
    <div className="message busy">
      <Card>
        <h1 className="busy-text">
          <output>{text}</output>
        </h1>
        <Skeleton lines={4} />
      </Card>
    </div>
  )
}
