/**
 * Loaded before a server (`NODE_OPTIONS=--import=…`), whose wall clock is then wrong by `CLOCK_SHIFT` seconds. SIGUSR2 sets
 * it `CLOCK_STEP` seconds forward while it runs, and the next one back again, as a time service does. What is measured by
 * the monotonic clock, timers among it, goes on as before.
 */
import { fileURLToPath } from 'node:url'

/** Variables that give a server this clock. Seconds. */
export function shiftedClock({ shift = 0, step = 0 }: { shift?: number; step?: number }): Record<string, string> {
  const file = fileURLToPath(import.meta.url)
  return { NODE_OPTIONS: `--import=${file}`, CLOCK_SHIFT: String(shift), CLOCK_STEP: String(step) }
}

const { CLOCK_SHIFT, CLOCK_STEP } = process.env
if (CLOCK_SHIFT !== undefined) {
  const RightDate = Date
  let offset = Number(CLOCK_SHIFT) * 1000
  const now = () => RightDate.now() + offset
  globalThis.Date = new Proxy(RightDate, {
    construct: (target, parameters, maker) =>
      Reflect.construct(target, parameters.length === 0 ? [now()] : parameters, maker) as Date,
    apply: () => new RightDate(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown)),
  })
  let steps = 0
  process.on('SIGUSR2', () => {
    steps += 1
    offset += Number(CLOCK_STEP) * (steps % 2 === 1 ? 1_000 : -1_000)
    process.stdout.write(`the clock was set ${steps} times\n`)
  })
}
