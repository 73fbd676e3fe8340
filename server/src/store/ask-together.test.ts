import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { askTogether, NoQueryInTime } from './ask-together.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Statements that are answered when the test says so, each question with its double. */
function held() {
  const open: { questions: readonly number[]; answer: () => void; fail: () => void }[] = []
  const ask = askTogether(
    (questions: number[]) =>
      new Promise<number[]>((resolve, reject) => {
        const answer = () => resolve(questions.map((question) => question * 2))
        open.push({ questions, answer, fail: () => reject(new Error('no connection')) })
      }),
  )
  const outcomes = new Map<number, unknown>()
  const put = (question: number) =>
    void ask(question).then(
      (answer) => outcomes.set(question, answer),
      (error: unknown) => outcomes.set(question, error),
    )
  return { open, outcomes, put }
}

it('asks at once while few statements are on their way, and together after that', async () => {
  const { open, outcomes, put } = held()
  for (let question = 1; question <= 300; question++) put(question)
  expect(open.map(({ questions }) => questions)).toEqual([[1], [2], [3], [4]])
  open[0]?.answer()
  await vi.advanceTimersByTimeAsync(0)
  expect(outcomes).toEqual(new Map([[1, 2]]))
  expect(open[4]?.questions).toEqual(Array.from({ length: 250 }, (_, index) => index + 5))
  open[4]?.answer()
  await vi.advanceTimersByTimeAsync(0)
  expect(open[5]?.questions).toHaveLength(46)
  expect(outcomes.get(254)).toBe(508)
})

it('F63: a question gives up after two seconds in which no statement has come back', async () => {
  const { open, outcomes, put } = held()
  for (let question = 1; question <= 5; question++) put(question)
  await vi.advanceTimersByTimeAsync(1_990)
  expect(outcomes.size).toBe(0)
  await vi.advanceTimersByTimeAsync(20)
  expect(outcomes).toEqual(new Map([[5, expect.any(NoQueryInTime)]]))
  open[0]?.fail()
  await vi.advanceTimersByTimeAsync(0)
  expect(open, 'nobody is left to ask for').toHaveLength(4)
})

it('F13: and waits while they do, for seven seconds in all', async () => {
  const { open, outcomes, put } = held()
  for (let question = 1; question <= 4 + 250 * 6; question++) put(question)
  const last = 4 + 250 * 6
  // One of four is answered at a time, each time somewhat too late for those who would not wait.
  for (let answered = 0; answered < 4; answered++) {
    await vi.advanceTimersByTimeAsync(1_600)
    open[answered]?.answer()
  }
  await vi.advanceTimersByTimeAsync(0)
  expect(outcomes.has(last)).toBe(false)
  await vi.advanceTimersByTimeAsync(700)
  expect(outcomes.get(last)).toBeInstanceOf(NoQueryInTime)
  expect([...outcomes.values()].filter((outcome) => outcome instanceof Error)).toHaveLength(250 * 2)
})

it('tells all who asked together when their statement fails, and nobody else', async () => {
  const { open, outcomes, put } = held()
  for (let question = 1; question <= 6; question++) put(question)
  open[0]?.answer()
  await vi.advanceTimersByTimeAsync(0)
  open[4]?.fail()
  await vi.advanceTimersByTimeAsync(0)
  expect(outcomes).toEqual(
    new Map<number, unknown>([
      [1, 2],
      [5, new Error('no connection')],
      [6, new Error('no connection')],
    ]),
  )
})
