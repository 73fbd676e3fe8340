import * as z from 'zod/mini'
import { connectionErrorCodes } from './errors.ts'

/** What may happen to an account's connection. */
export const HistoryEventName = z.enum([
  /** somebody pressed the button */
  'started',
  /** the practice allowed us at Sikka */
  'authorized',
  /** the practice denied us at Sikka */
  'denied',
  /** a return from Sikka was not trusted, such as one in another browser */
  'refused',
  /** one of several practices was chosen, or a replacement confirmed */
  'chosen',
  'connected',
  'failed',
  /** nobody came back from Sikka, or chose, in time */
  'expired',
  /** ended by a disconnect */
  'cancelled',
  /** new keys, without anybody's doing */
  'refreshed',
  /** the keys are no longer accepted */
  'reconnect_required',
  'disconnected',
])
export type HistoryEventName = z.infer<typeof HistoryEventName>

/** Most events in one page. */
export const maxHistoryLimit = 100

/** The input of `pms.history`. */
export const HistoryInput = z.strictObject({
  /** `nextCursor` of the page before, for the same account; not to be read or made (T15) */
  cursor: z.exactOptional(z.string().check(z.regex(/^[\w-]{22}$/))),
  limit: z.exactOptional(z.int().check(z.gte(1), z.lte(maxHistoryLimit))),
})
export type HistoryInput = z.infer<typeof HistoryInput>

/** The answer of `pms.history`: newest first. Times are ISO 8601 in UTC. */
export const ConnectionHistory = z.strictObject({
  events: z.array(
    z.strictObject({
      /** tells this event from the account's others, and nothing else */
      id: z.string(),
      at: z.iso.datetime(),
      event: HistoryEventName,
      attemptId: z.exactOptional(z.uuid()),
      errorCode: z.exactOptional(z.enum(connectionErrorCodes)),
    }),
  ),
  /** where the next page begins; missing on the last one */
  nextCursor: z.exactOptional(z.string()),
})
export type ConnectionHistory = z.infer<typeof ConnectionHistory>
