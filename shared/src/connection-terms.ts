/**
 * Terms of the status that the page needs before anything else. No schema is here, nor in `errors.ts` and
 * `setup-redirect.ts`: reading the first answer must not wait for a library.
 */

/** While connecting: the last step passed, in their order. */
export const connectionSteps = ['authorized', 'keys_received', 'practice_found'] as const
export type ConnectionStep = (typeof connectionSteps)[number]

/** Longest time a status request may be held, in seconds. */
export const maxWaitSeconds = 25

/** Seconds from the callback after which the page stops expecting an outcome. */
export const connectionDeadlineSeconds = 60
