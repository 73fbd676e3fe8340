import type { AppRouter } from '@pms/server/router'
import { httpLink } from '@trpc/client'
import { createTRPCReact, type CreateTRPCReact } from '@trpc/react-query'
import { createAuthorizedFetch } from './authorized-fetch.ts'
import { pacedLink } from './paced-link.ts'
import type { Session } from './session.ts'

/** How long the page waits for what a button has asked for, milliseconds: then it says that no answer came. */
const longestMutation = 20_000

/** The server's procedures, typed. */
export const trpc: CreateTRPCReact<AppRouter, unknown> = createTRPCReact<AppRouter>()

/**
 * Not batched: a request that the server holds would hold the others of its batch.
 * @param statusEvery milliseconds between two requests for a status that are answered at once, at least
 */
export function createApiClient(session: Session, statusEvery: number) {
  const send = createAuthorizedFetch(session.tokens, (input, init) => fetch(input, init))
  return trpc.createClient({
    links: [
      pacedLink('pms.connectionStatus', statusEvery, isAnsweredAtOnce),
      httpLink({
        url: '/trpc',
        fetch: (input, init) => {
          const answer = send(input, { ...init, signal: init?.signal ?? null })
          return init?.method === 'POST' ? Promise.race([answer, failAfter(longestMutation)]) : answer
        },
      }),
    ],
  })
}

function failAfter(milliseconds: number): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error('No answer in time')), milliseconds)
  })
}

/** A request that the server holds is no further question: it takes the place of many. */
function isAnsweredAtOnce(input: unknown): boolean {
  return typeof input !== 'object' || input === null || !('waitSeconds' in input)
}
