import { databaseLimits } from '@pms/prisma/pool'

interface Asked<Question, Answer> {
  question: Question
  resolve: (answer: Answer) => void
  reject: (error: unknown) => void
}

/** Most statements in flight, of the pool's ten connections, and most queries in one statement. */
const most = { statements: 4, questions: 250 } as const

/**
 * How long a query waits for a statement, milliseconds. `silence`: since the last statement returned, as long as others
 * wait for a connection. `whole`: in total, as long as a statement may take.
 */
const patience = { silence: databaseLimits.connect, whole: databaseLimits.answer } as const

/** A query waited too long for a free statement. */
export class NoQueryInTime extends Error {
  override readonly name = 'NoQueryInTime'
}

/**
 * Batches queries that arrive while all statements are in flight into the next one: when a lost cache causes ten
 * thousand queries, that is forty statements, and the pool stays free for others. They wait as long as others do for a
 * connection.
 * @param ask one statement: a result for each query, in their order
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
