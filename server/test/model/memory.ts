import type { ConnectionStatus } from '@pms/shared/connection-status'
import type { Seen } from './observe.ts'

/** What the invariants have to remember from one look to the next. */
export interface Memory {
  seen: Seen | undefined
  /** accounts that had something under way at the last looks, newest first */
  busy: ReadonlySet<string>[]
  /** how far an attempt was when it was asked for, 0 to 4; and what it said at its end */
  polled: Map<string, { rank: number; status: ConnectionStatus['status']; isEnded: boolean }>
  /** what an account's own status said when nothing was under way for it */
  said: Map<string, string>
  /** how often Secrets Manager has been asked for changes */
  secretsWritten: string
  /** the versions that each row has pointed to, oldest first, and which of them AWSCURRENT was on when last seen */
  versions: Map<string, { ids: string[]; current: number }>
  /** ids of the accounts that have ever had an office connected, by office */
  owners: Map<string, Set<string>>
  /** of each integration its version, and how often its keys had been refreshed when that was first seen */
  refreshed: Map<string, { versionId: string; times: number }>
}

export function memory(): Memory {
  return {
    seen: undefined,
    busy: [],
    polled: new Map(),
    said: new Map(),
    secretsWritten: '',
    versions: new Map(),
    owners: new Map(),
    refreshed: new Map(),
  }
}
