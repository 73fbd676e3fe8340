import * as z from 'zod'

/**
 * `when`: a regular expression, tested on what the client says, read as latin1. The fault applies to a line from the
 * first chunk with which it matches; without it, from the next chunk of either side.
 * `times`: so many lines are struck, later ones pass; without it, every line.
 */
const aim = {
  when: z.string().refine(isPattern, 'has to be a regular expression').optional(),
  times: z.int().min(1).optional(),
}

/** What goes wrong on the lines of a proxy. "Answer" is all that the target says, "request" all that the client says. */
export const Fault = z.discriminatedUnion('kind', [
  /** Every chunk arrives so much later, in both directions and in order. */
  z.strictObject({ kind: z.literal('latency'), milliseconds: z.int().min(0).max(600_000) }),
  z.strictObject({
    kind: z.enum([
      /** Nothing goes on in either direction any more, neither bytes nor that a side has gone. */
      'hang',
      /** The request goes on, the answer does not. */
      'hang_answer',
      /** The client's connection is reset; the chunk does not go on. */
      'reset',
      /** The client's connection is reset when the answer begins: the target has done what it was asked to. */
      'reset_answer',
    ]),
    ...aim,
  }),
  /** Open lines are destroyed, new connections refused. */
  z.strictObject({ kind: z.literal('cut') }),
  /** So many bytes of the answer arrive, then the connection ends. */
  z.strictObject({ kind: z.literal('limit'), bytes: z.int().min(0), ...aim }),
])
export type Fault = z.infer<typeof Fault>

function isPattern(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp
  } catch {
    return false
  }
}
