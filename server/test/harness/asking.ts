import type { ConnectionStatus } from '@pms/shared/connection-status'
import type { ApiErrorCode } from '@pms/shared/errors'
import type { FaultProxy } from '../../sandbox/fault-proxy/start.ts'
import type { Person } from './person.ts'
import type { StandIns } from './stand-ins.ts'

/** The statement that looks statuses up, as it is said on the line to the database. */
export const lookUp = '"integrationStatus"'

/** What the connection that hears of changes says twice a second, and no other ever. */
export const pulse = 'pms_pulse'

interface Server {
  origin: string
}

type Asking = Pick<Person, 'accessToken'>

/** In both ways in which the status is asked for without waiting. */
const ways = [
  ({ origin }: Server, attemptId?: string) => {
    const input = attemptId === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify({ attemptId }))}`
    return `${origin}/trpc/pms.connectionStatus${input}`
  },
  ({ origin }: Server, attemptId?: string) =>
    `${origin}/api/pms/connection-status${attemptId === undefined ? '' : `?attemptId=${attemptId}`}`,
]

type Answer = Partial<ConnectionStatus> & { code?: ApiErrorCode }
type Reply = Answer & { result?: { data: Answer }; error?: { data: Answer } }

/**
 * Several ask at once, in both ways: for the account, or for an attempt of it.
 * @returns in a word what they were told; several words where they were told different things
 */
export async function told(server: Server, { accessToken }: Asking, attemptId?: string): Promise<string> {
  const headers = { authorization: `Bearer ${accessToken}` }
  const answers = await Promise.all(
    [...ways, ...ways].map(async (addressOf) => {
      const reply = (await (await fetch(addressOf(server, attemptId), { headers })).json()) as Reply
      const { code, choices, errorCode, status } = reply.result?.data ?? reply.error?.data ?? reply
      return code ?? (choices ? 'choose' : (errorCode ?? status))
    }),
  )
  return [...new Set(answers)].join(' and ')
}

/** @returns whether that question is answered without a look-up. The line is healed. */
export async function isFromMemory(line: FaultProxy, ask: () => Promise<unknown>): Promise<boolean> {
  line.set({ kind: 'hang_answer', when: lookUp })
  const answer = ask()
  const isAnswered = await Promise.race([answer.then(() => true), line.struck().then(() => false)])
  line.heal()
  await answer
  return isAnswered
}

/** Asks to be told when the status is no longer what it is now. */
export async function holdUntilNews({ client }: Pick<Person, 'client'>, attemptId?: string) {
  const about = attemptId === undefined ? {} : { attemptId }
  const { revision } = await client.pms.connectionStatus.query(about)
  const news = client.pms.connectionStatus.query({ ...about, after: revision, waitSeconds: 20 })
  return { news }
}

/**
 * Waits until a server has heard of all that is committed by now: changes are heard of in the order of their commits,
 * and this one is the last.
 * @param here of that server; without it, of the only one
 */
export async function allIsHeard(
  { db, newPerson }: Pick<StandIns, 'db' | 'newPerson'>,
  here: (person: Person) => Person = (person) => person,
): Promise<void> {
  const person = here(await newPerson())
  const { accountId } = await person.client.account.current.query()
  const { news } = await holdUntilNews(person)
  await db.$executeRaw`
    INSERT INTO pms_integrations (id, "accountId", provider, status, "officeId", metadata, "secretVersionId",
      "tokenExpiresAt", "connectedAt")
    VALUES (gen_random_uuid(), ${accountId}::uuid, 'SIKKA', 'ERROR', 'none', '{"practiceName":"","pmsType":""}', '', now(), now())`
  await news
}
