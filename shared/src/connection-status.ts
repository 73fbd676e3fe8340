import * as z from 'zod/mini'
import { connectionSteps, maxWaitSeconds } from './connection-terms.ts'
import { connectionErrorCodes } from './errors.ts'

export const PmsProvider = z.enum(['SIKKA'])
export type PmsProvider = z.infer<typeof PmsProvider>

/** `pms_integrations.status` */
export const IntegrationStatus = z.enum(['ACTIVE', 'ERROR', 'INACTIVE'])
export type IntegrationStatus = z.infer<typeof IntegrationStatus>

/** What the page shows. */
export const ConnectionStatusName = z.enum(['pending', 'connecting', 'connected', 'failed'])
export type ConnectionStatusName = z.infer<typeof ConnectionStatusName>

export const ConnectionStatusInput = z.strictObject({
  /** speak of this attempt; without it, of the account */
  attemptId: z.exactOptional(z.uuid()),
  /** a `revision`: answer as soon as the status has another one */
  after: z.exactOptional(z.string().check(z.minLength(1), z.maxLength(64))),
  /** with `after`: how long to hold the request, seconds */
  waitSeconds: z.exactOptional(z.number().check(z.gte(0), z.lte(maxWaitSeconds))),
})
export type ConnectionStatusInput = z.infer<typeof ConnectionStatusInput>

/** Times are ISO 8601 in UTC, by the database's clock. */
const Time = z.iso.datetime()

/** One office that the user may choose. What tells offices of one name apart is there where Sikka says it (P15). */
export const PracticeChoice = z.strictObject({
  id: z.string(),
  practiceName: z.string(),
  pmsType: z.string(),
  city: z.exactOptional(z.string()),
  state: z.exactOptional(z.string()),
  /** places that the office has at Sikka, where there are several */
  places: z.exactOptional(z.number()),
  /** as it stands in the practice's account at Sikka */
  officeId: z.exactOptional(z.string()),
})
export type PracticeChoice = z.infer<typeof PracticeChoice>

/** The answer of `pms.connectionStatus` (contract, section 5). */
export const ConnectionStatus = z.strictObject({
  /** true exactly when `status` is `connected` */
  isConnected: z.boolean(),
  status: ConnectionStatusName,
  provider: z.exactOptional(PmsProvider),
  practiceName: z.exactOptional(z.string()),
  pmsType: z.exactOptional(z.string()),
  /** one of the texts of `connectionErrorText` */
  error: z.exactOptional(z.string()),
  errorCode: z.exactOptional(z.enum(connectionErrorCodes)),
  /** the attempt that this answer is about */
  attemptId: z.exactOptional(z.uuid()),
  /** while connecting: when the page should stop waiting */
  deadline: z.exactOptional(Time),
  step: z.exactOptional(z.enum(connectionSteps)),
  /** while connecting: the user has to choose or confirm */
  choices: z.exactOptional(z.array(PracticeChoice)),
  /** with `choices`: the connected practice that the choice would replace */
  replaces: z.exactOptional(z.string()),
  connectedAt: z.exactOptional(Time),
  /** changes whenever anything above does */
  revision: z.string(),
  timestamp: Time,
})
export type ConnectionStatus = z.infer<typeof ConnectionStatus>

/** The answer of `pms.startConnection`. */
export const StartedConnection = z.strictObject({
  /** where to send the browser */
  authorizationUrl: z.url(),
  attemptId: z.uuid(),
  expiresAt: Time,
})
export type StartedConnection = z.infer<typeof StartedConnection>

/** The input of `pms.choosePractice`. */
export const ChosenPractice = z.strictObject({
  attemptId: z.uuid(),
  /** `id` of one of the attempt's `choices` */
  choiceId: z.uuid(),
})
export type ChosenPractice = z.infer<typeof ChosenPractice>

/** The input of `pms.declineChoice`. */
export const DeclinedChoice = z.strictObject({ attemptId: z.uuid() })
export type DeclinedChoice = z.infer<typeof DeclinedChoice>
