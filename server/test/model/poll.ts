import type { ConnectionStatus } from '@pms/shared/connection-status'
import { demand } from './invariants.ts'
import type { Model } from './model.ts'
import { hasEnded, type Seen } from './observe.ts'
import { heldHear } from './held.ts'
import type { Server } from './servers.ts'
import { serversHere, type Someone, type World } from './world.ts'

const steps = { authorized: 1, keys_received: 2, practice_found: 3 } as const

/** What a server says to be notified of changes. */
export const listening = 'LISTEN pms_changes'

/** How far an answer says that an attempt is: 0 to 4. */
function rankOf({ status, step }: ConnectionStatus): number {
  if (status === 'pending') return 0
  return status === 'connecting' ? (step ? steps[step] : 1) : 4
}

/**
 * I12: what an attempt says of itself goes forward, and what it has said at its end it says for ever. (Once connected,
 * it says what the account says.) I6: of itself alone, whoever else does what. Asked of every server that reaches its
 * database; where there is none, nobody can poll. Requests that a server holds hear of it as well.
 */
export async function pollsForward(
  world: World,
  model: Model,
  seen: Seen,
  quiet: ReadonlySet<string>,
  busy: ReadonlySet<string>,
): Promise<void> {
  const healthy = world.servers.slice(0, serversHere).filter(reachesItsDatabase)
  if (healthy.length === 0) model.memory.said.clear()
  for (const server of healthy) await pollsForwardAt(server, world, model, seen, { quiet, busy })
}

/** Also one that hears nothing: it looks for itself. */
function reachesItsDatabase({ lines: { database } }: Server): boolean {
  return database.fault === null || ('when' in database.fault && database.fault.when === listening)
}

async function pollsForwardAt(
  server: Server,
  world: World,
  model: Model,
  seen: Seen,
  { quiet, busy }: { quiet: ReadonlySet<string>; busy: ReadonlySet<string> },
): Promise<void> {
  const { polled, said } = model.memory
  await server.allIsHeard?.()
  const ask = async (person: Someone, query = ''): Promise<ConnectionStatus> => {
    const headers = { authorization: `Bearer ${person.accessToken}` }
    const response = await server.fetch(`${server.origin}/api/pms/connection-status${query}`, { headers })
    demand(response.ok, 'I12 a status could not be polled', () => response.status)
    return (await response.json()) as ConnectionStatus
  }
  for (const { id, account } of model.flows) {
    const person = world.people[account]
    const attempt = seen.attempts.find((each) => each.id === id)
    const before = polled.get(id)
    if (!person || !attempt || before?.isEnded) continue
    const status = await ask(person, `?attemptId=${id}`)
    const now = { rank: rankOf(status), status: status.status, isEnded: hasEnded(attempt) }
    // Once completed it says what the account says, which may have been disconnected since.
    if (before && attempt.status !== 'COMPLETED')
      demand(before.rank <= now.rank, 'I12 a polled status went back', () => ({ before, now, attempt, status }))
    if (before?.rank === 4 && before.status === 'failed')
      demand(now.status === 'failed', 'I12 what had failed is connected', () => ({ before, status }))
    if (attempt.status !== 'COMPLETED' && hasEnded(attempt))
      demand(status.status === 'failed', 'I12 an attempt that ended without a connection does not say so', () => ({
        attempt,
        status,
      }))
    // By the clock alone it has failed, and a statement that was under way before may still come in time (now() is the
    // beginning of its transaction): what is said meanwhile is not held against it.
    const isHeld = status.status === 'failed' && !hasEnded(attempt) && busy.has(attempt.accountId)
    if (!isHeld) polled.set(id, now)
  }
  for (const person of world.people) {
    const { revision, ...status } = await ask(person)
    if (quiet.has(person.id) && said.has(person.id))
      demand(
        said.get(person.id) === revision,
        'I6 the status of an account changed without a cause of its own',
        () => ({ person: person.id, status }),
      )
    said.set(person.id, revision)
    if (quiet.has(person.id)) await heldHear(model.held, { server, accountId: person.id, revision })
    const row = seen.integrations.find(({ accountId }) => accountId === person.id)
    const isBusy = seen.attempts.some((each) => each.accountId === person.id && !hasEnded(each))
    if (!isBusy && row && quiet.has(person.id))
      demand(status.isConnected === (row.status === 'ACTIVE'), 'I6 isConnected is not what the row says', () => ({
        row,
        status,
      }))
  }
}
