import * as z from 'zod'
import { operations } from './operations.ts'

/** An error that the stand-in is told to answer with. */
export const ScriptedError = z.strictObject({
  /** of one operation; without it, of each that has no error of its own */
  operation: z
    .string()
    .refine((name) => operations.has(name), 'is not an operation of this stand-in')
    .optional(),
  /** AWS's name of it, `ThrottlingException` */
  error: z.string().regex(/^[A-Za-z]{1,64}$/),
  /** so many calls; without it, all until `heal` */
  times: z.int().min(1).optional(),
  /** HTTP; default 500 for InternalServiceError, else 400 */
  status: z.int().min(400).max(599).optional(),
  /** the operation is carried out, and only its answer is the error (F53); default false */
  done: z.boolean().optional(),
})
export type ScriptedError = z.input<typeof ScriptedError>

/** The errors that are due, by operation. */
export interface ScriptedErrors {
  /** Replaces an earlier one of the same operation. @throws {z.ZodError} */
  fail(script: unknown): void
  heal(): void
  /** The error that this call is to be answered with; it is counted. */
  next(operation: string): ScriptedError | undefined
}

export function scriptedErrors(): ScriptedErrors {
  const due = new Map<string | undefined, { script: ScriptedError; left: number }>()
  return {
    fail(script) {
      const parsed = ScriptedError.parse(script)
      due.set(parsed.operation, { script: parsed, left: parsed.times ?? Number.POSITIVE_INFINITY })
    },
    heal: () => due.clear(),
    next(operation) {
      const entry = [due.get(operation), due.get(undefined)].find((one) => one && one.left > 0)
      if (!entry) return undefined
      entry.left--
      return entry.script
    },
  }
}
