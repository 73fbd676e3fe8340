/** Where the keys are, in case no row says so any more. */
interface Known {
  secretArn?: string
}

/** Background jobs by name; `jobs/` has their handlers. Ids only: keys do not belong in a job's row. */
interface Jobs {
  /** ends an attempt: checked when its lease or a deadline may be over */
  'watch-attempt': { attemptId: string; accountId: string }
  /** refreshes keys before they expire */
  'refresh-keys': { integrationId: string }
  /** makes an account's secret match the account's row */
  'settle-secret': { accountId: string } & Known
  /** revokes a version's keys, replaced by another practice's or by those of a consent after a disconnect */
  'revoke-version': { accountId: string; versionId: string } & Known
  /** revokes and deletes keys kept for an attempt that no longer needs them */
  'release-grant': { attemptId: string; accountId: string } & Known
  /** handles what no other job has */
  sweep: Record<string, never>
}

export type JobName = keyof Jobs
export type JobData<Name extends JobName> = Jobs[Name]
export type Job = { [Name in JobName]: { name: Name; data: Jobs[Name] } }[JobName]

const day = 24 * 60 * 60

/**
 * A job without a heartbeat for this long counts as failed; pg-boss checks four times a minute. The account's next job
 * of the kind waits until then (`groupOf`, job-queue.ts), so this is the shortest time that pg-boss accepts.
 */
const heartbeatSeconds = 10

/**
 * Each queue's retry policy, in seconds: exponential backoff with jitter, up to `retryDelayMax`. A job that runs longer
 * than `expireInSeconds` fails and is retried, even if still running. No policy gives up during an outage of some days.
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
    // Each practice has one waiting job, so a long queue is no backlog.
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
