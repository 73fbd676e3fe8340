import { databaseLimits } from '@pms/prisma/pool'

interface Asked<Question, Answer> {
  question: Question
  resolve: (answer: Answer) => void
  reject: (error: unknown) => void
}

/** How many statements are on their way, of the pool's ten connections, and how many questions one may ask. */
const most = { statements: 4, questions: 250 } as const

/**
 * How long a question waits for a statement, milliseconds: as long as others do for a connection, since any statement
 * has come back; and in all, while some do, as long as one is given for its answer.
 */
const patience = { silence: databaseLimits.connect, whole: databaseLimits.answer } as const

/** A question that has waited too long for a statement to be asked with. */
export class NoQueryInTime extends Error {
  override readonly name = 'NoQueryInTime'
}

/**
 * Questions that come while all statements are on their way are asked together by the next one: when memory was lost
 * and ten thousand look for themselves, that is forty statements, and the pool stays free for others. They wait as long
 * as others do for a connection.
 * @param ask one statement: an answer for each question, in their order
 */
export function askTogether<Question, Answer>(
  ask: (questions: Question[]) => Promise<Answer[]>,
): (question: Question) => Promise<Answer> {
  const waiting = new Map<Asked<Question, Answer>, NodeJS.Timeout>()
  let statements = 0
  let answeredAt = -Infinity

  async function askAll(asked: readonly Asked<Question, Answer>[]): Promise<void> {
    statements += 1
    try {
      const answers = await ask(asked.map(({ question }) => question))
      if (answers.length !== asked.length) throw new Error('A look-up has not answered every question')
      answeredAt = performance.now()
      for (const [index, { resolve }] of asked.entries()) resolve(answers[index] as Answer)
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
    statements -= 1
    if (waiting.size > 0) void askAll(take())
  }

  function take(): Asked<Question, Answer>[] {
    const next: Asked<Question, Answer>[] = []
    for (const [asked, timer] of waiting) {
      if (next.length === most.questions) break
      clearTimeout(timer)
      waiting.delete(asked)
      next.push(asked)
    }
    return next
  }

  return (question) =>
    new Promise((resolve, reject) => {
      const asked = { question, resolve, reject }
      if (statements < most.statements) return void askAll([asked])
      const askedAt = performance.now()
      const giveUp = (): void => {
        const left = Math.min(answeredAt + patience.silence, askedAt + patience.whole) - performance.now()
        if (left >= 1) return void waiting.set(asked, setTimeout(giveUp, left))
        waiting.delete(asked)
        reject(new NoQueryInTime('No statement was free to look it up with'))
      }
      waiting.set(asked, setTimeout(giveUp, patience.silence))
    })
}
