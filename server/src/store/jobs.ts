/** Where the keys are, when no row may say it any more. */
interface Known {
  secretArn?: string
}

/** Work without a request, by name; `jobs/` says who does it. Ids alone: a job's row is not a place for keys. */
interface Jobs {
  /** an attempt has to end: looked at when something of it may be over */
  'watch-attempt': { attemptId: string; accountId: string }
  /** keys come to the end of their life */
  'refresh-keys': { integrationId: string }
  /** the secret of an account has to become what the account's row says */
  'settle-secret': { accountId: string } & Known
  /** keys of a version are revoked: another practice's have replaced them, or those of a consent after a disconnect */
  'revoke-version': { accountId: string; versionId: string } & Known
  /** keys kept for an attempt that needs them no more are revoked and deleted */
  'release-grant': { attemptId: string; accountId: string } & Known
  /** what nobody has looked after */
  sweep: Record<string, never>
}

export type JobName = keyof Jobs
export type JobData<Name extends JobName> = Jobs[Name]
export type Job = { [Name in JobName]: { name: Name; data: Jobs[Name] } }[JobName]

const day = 24 * 60 * 60

/**
 * A job without a heartbeat for this long counts as failed; pg-boss checks four times a minute. The account's next job of the
 * kind waits until then (`groupOf`, job-queue.ts), so this is the shortest time that pg-boss accepts.
 */
const heartbeatSeconds = 10

/**
 * The retry policy of each queue, in seconds: exponential backoff with jitter, up to `retryDelayMax`. A job that runs longer than
 * `expireInSeconds` counts as failed and is retried, even if it is still running. No policy gives up during an outage of some days.
 */
export const queues = {
  'watch-attempt': {
    retryLimit: 1_000,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 5,
    expireInSeconds: 30,
    heartbeatSeconds,
    deleteAfterSeconds: 3_600,
  },
  'refresh-keys': {
    retryLimit: 10_000,
    retryDelay: 30,
    retryBackoff: true,
    retryDelayMax: 1_800,
    expireInSeconds: 120,
    heartbeatSeconds,
    retentionSeconds: 60 * day,
    deleteAfterSeconds: 3_600,
    // Each practice has one that waits, so their number is no backlog.
    warningQueueSize: 10_000_000,
  },
  'settle-secret': {
    retryLimit: 10_000,
    retryDelay: 2,
    retryBackoff: true,
    retryDelayMax: 600,
    expireInSeconds: 60,
    heartbeatSeconds,
    retentionSeconds: 60 * day,
    deleteAfterSeconds: 3_600,
  },
  'revoke-version': {
    retryLimit: 500,
    retryDelay: 5,
    retryBackoff: true,
    retryDelayMax: 1_800,
    expireInSeconds: 60,
    heartbeatSeconds,
    retentionSeconds: 60 * day,
    deleteAfterSeconds: 3_600,
  },
  'release-grant': {
    retryLimit: 10_000,
    retryDelay: 5,
    retryBackoff: true,
    retryDelayMax: 1_800,
    expireInSeconds: 60,
    heartbeatSeconds,
    retentionSeconds: 60 * day,
    deleteAfterSeconds: 3_600,
  },
  sweep: { retryLimit: 0, expireInSeconds: 60, heartbeatSeconds, deleteAfterSeconds: 600 },
} as const satisfies Record<JobName, object>
