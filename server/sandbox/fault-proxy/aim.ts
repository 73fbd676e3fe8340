/** Bytes of earlier chunks that a match may begin in: a message may be split anywhere. */
const memory = 32 * 1024

/**
 * Whether a client has said what a fault waits for; once true, it stays true.
 * @param when source of a regular expression; without it, every line is hit from the start
 */
export function aimAt(when: string | undefined): (chunk?: Buffer) => boolean {
  if (when === undefined) return () => true
  const pattern = new RegExp(when)
  let hit = false
  let before = ''
  return (chunk) => {
    if (hit || !chunk) return hit
    const text = chunk.toString('latin1')
    // Also by itself, so that `^` can mean the beginning of a request on a line that has had others.
    hit = pattern.test(before + text) || pattern.test(text)
    before = (before + text).slice(-memory)
    return hit
  }
}
