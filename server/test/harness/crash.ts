import type { AttemptStatus } from '@pms/prisma/client'
import type { Scenario } from '../../sandbox/sikka/scenario.ts'
import type { Person } from './person.ts'
import type { ServerProcess } from './server-process.ts'
import type { StandIns } from './stand-ins.ts'

/**
 * Where a server is held, on one of its lines: `asking`, when what it says no longer goes out, or `answered`, when
 * what it is told no longer comes in. Nothing in the server knows of it.
 */
export type Held = 'asking' | 'answered'

export interface Hold {
  line: keyof StandIns['lines']
  /** a pattern of what it says there */
  says: string
}

/** A point at which a server is killed, and in what state it leaves the attempt then. */
export interface Point {
  at: string
  held: Held
  line: Hold['line']
  says: (visit: Visit) => string
  left: AttemptStatus
}

/** A person with an account of their own, whose browser Sikka has just sent back to that server. */
export interface Visit {
  person: Person
  accountId: string
  attemptId: string
  callback: string
  code: string
  /** the number that Sikka's stand-in counts the code's exchanges by */
  codeNumber: number
}

/**
 * Sets out with a practice of their own, as far as the address that Sikka sends the browser back to.
 * @param options.person somebody whom nobody has seen before, where it is not said
 * @param options.scenario how Sikka behaves towards this authorization alone
 */
export async function setOut(
  system: StandIns,
  server: ServerProcess,
  officeId: string,
  { person, scenario = {} }: { person?: Person; scenario?: Partial<Scenario> } = {},
): Promise<Visit> {
  const here = server.here(person ?? (await system.newPerson()))
  const { accountId } = await here.client.account.current.query()
  const { attemptId, authorizationUrl } = await here.client.pms.startConnection.mutate()
  const page = new URL(authorizationUrl)
  const chosen = Object.entries({ ...scenario, officeId }).map(([name, value]) => [`scenario.${name}`, String(value)])
  const form = new URLSearchParams([...page.searchParams, ['decision', 'allow'], ...chosen])
  const allowed = await here.browser.fetch(new URL(page.pathname, page), { method: 'POST', body: form })
  const callback = allowed.headers.get('location') ?? ''
  const code = new URL(callback).searchParams.get('code') ?? ''
  return { person: here, accountId, attemptId, callback, code, codeNumber: system.sikka.calls.allowed }
}

/**
 * From now on that server is held wherever it comes to one of these points.
 * @returns whether it has come to all of them
 */
export function hold(server: ServerProcess, how: Held, holds: Hold[]): () => boolean {
  const byLine = Map.groupBy(holds, ({ line }) => line)
  for (const [line, here] of byLine) {
    const when = here.map(({ says }) => `(?:${says})`).join('|')
    server.lines[line].set({ kind: how === 'asking' ? 'hang' : 'hang_answer', when })
  }
  return () => [...byLine].every(([line, here]) => server.lines[line].strikes >= here.length)
}

/** The pattern of a call to Secrets Manager: this operation, with a secret whose name has that in it. */
export function asks(operation: string, name: string): string {
  return `secretsmanager\\.${operation}(?:(?!POST / )[\\s\\S])*${name}`
}

/** The attempt's row, as it is now. */
export const attemptOf = (system: StandIns, { attemptId: id }: Visit) =>
  system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })
