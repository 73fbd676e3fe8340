import { pause } from './pause.ts'

/** Milliseconds between two probes, and within which an answer is due: a loss is known within two seconds. */
const probeEvery = 900
const answerWithin = 900

interface ProbeParts {
  /** ends it */
  signal: AbortSignal
  /** hears when the server has stopped answering, and when it answers again */
  onChange: (isUp: boolean) => void
}

/**
 * Asks the server for a sign of life about once a second while the page can be seen and the browser has a network. On a
 * slow line an answer may take three times as long as the one before.
 * @throws the signal's reason
 */
export async function probeLine({ signal, onChange }: ProbeParts): Promise<void> {
  let isUp = true
  let usual = 0
  for (;;) {
    await pause(probeEvery, signal)
    if (document.hidden || !navigator.onLine) continue
    const askedAt = performance.now()
    const answers = await Promise.race([
      fetch('/livez', { method: 'HEAD', cache: 'no-store', signal }).then(
        () => true,
        () => false,
      ),
      pause(Math.max(answerWithin, 3 * usual), signal).then(() => false),
    ])
    if (signal.aborted) return
    if (answers) usual = performance.now() - askedAt
    if (answers !== isUp) onChange(answers)
    isUp = answers
  }
}
