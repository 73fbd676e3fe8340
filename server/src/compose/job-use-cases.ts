import type { UnboundCompletion } from '../connection/complete-attempt.ts'
import type { RefusalBrake } from '../connection/refusal-brake.ts'
import { refreshKeys, type RefreshOutcome } from '../connection/refresh-keys.ts'
import { releaseGrant, revokeVersion } from '../connection/release-keys.ts'
import { settleSecret, type Settling } from '../connection/settle-secret.ts'
import { watchAttempt } from '../connection/watch-attempt.ts'
import { ConnectionFailure } from '../failure.ts'
import type { Store } from '../store/store.ts'
import { sweep } from '../store/sweep.ts'

/** The jobs' use cases; tests call them directly. */
export function jobUseCases(
  completion: UnboundCompletion & { brake: RefusalBrake },
  store: Store,
  { onRefresh, onConfigFailure }: { onRefresh: (outcome: RefreshOutcome) => void; onConfigFailure: () => void },
) {
  const refreshing = new Map<string, Promise<RefreshOutcome>>()
  return {
    watchAttempt: (attempt: { id: string; accountId: string }) => watchAttempt(completion, attempt),
    /** Concurrent calls share one refresh; between servers, the row's lease prevents a second one. */
    refreshKeys(integrationId: string): Promise<RefreshOutcome> {
      const underWay = refreshing.get(integrationId)
      if (underWay) return underWay
      const refresh = refreshKeys({ ...completion, onRefresh }, integrationId)
      refreshing.set(integrationId, refresh)
      const over = () => refreshing.delete(integrationId)
      refresh.then(over, (error: unknown) => {
        over()
        if (error instanceof ConnectionFailure && error.code === 'CONFIG') onConfigFailure()
      })
      return refresh
    },
    settleSecret: (settling: Settling, tries: number) => settleSecret(completion, settling, tries),
    revokeVersion: (version: Parameters<typeof revokeVersion>[1]) => revokeVersion(completion, version),
    releaseGrant: (attempt: Parameters<typeof releaseGrant>[1]) => releaseGrant(completion, attempt),
    sweep: () => sweep(store),
  }
}
