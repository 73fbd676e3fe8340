/** The clock that is never set back, moved forward by hand. */
export interface MovableTime extends Disposable {
  /** Lets so many milliseconds pass at once. */
  pass: (milliseconds: number) => void
  /** From now on no time passes but by `pass`, however busy the machine is. */
  hold: () => void
}

/**
 * For all in this process that measures by `performance.now()`: breakers, rate limits. Timers are not moved.
 * Its end sets the clock back, so no server may outlive it.
 */
export function movableTime(): MovableTime {
  const now = performance.now.bind(performance)
  let passed = 0
  let held: number | undefined
  performance.now = () => (held ?? now()) + passed
  return {
    pass: (milliseconds) => void (passed += milliseconds),
    hold: () => void (held = now()),
    [Symbol.dispose]: () => void (performance.now = now),
  }
}
