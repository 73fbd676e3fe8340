/** Requests that a server holds until the account's status changes (contract, section 5). */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectionStatus } from '@pms/shared/connection-status'
import { demand } from './invariants.ts'
import type { Server } from './servers.ts'

export interface Held {
  accountId: string
  server: Server
  revision: string
  answered: Promise<ConnectionStatus | undefined>
  letGo: () => void
}

/** Longest time until a held request hears of a change that its server has heard of, milliseconds. */
const soon = 3_000

/** Each held request whose account has another status by now is answered, and with that change. */
export async function heldHear(
  all: Held[],
  { server, accountId, revision }: { server: Server; accountId: string; revision: string },
): Promise<void> {
  for (const held of all.filter((each) => each.server === server && each.accountId === accountId)) {
    if (held.revision === revision) continue
    const answer = await Promise.race([held.answered, sleep(soon, 'not answered' as const)])
    demand(answer !== 'not answered', 'I12 a held request did not hear of a change', () => ({ accountId, revision }))
    demand(
      answer === undefined || answer.revision !== held.revision,
      'I12 a held request was answered without the change',
      () => ({
        answer,
        revision,
      }),
    )
    all.splice(all.indexOf(held), 1)
  }
}

/** Nobody waits any more, or none of those that are meant. */
export function letGo(all: Held[], isMeant: (held: Held) => boolean = () => true): void {
  for (const held of all.filter(isMeant)) {
    held.letGo()
    all.splice(all.indexOf(held), 1)
  }
}
