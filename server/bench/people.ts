import { getRequest, rawRequest, type Asker, type RawRequest } from './load.ts'
import type { Stage } from './stage.ts'

/** Somebody whose browser asks, of practice `index`. */
export interface Person {
  index: number
  token: string
}

/** People of so many practices, evenly spread over all that there are. */
export async function people(stage: Stage, count: number, practices: number): Promise<Person[]> {
  const apart = Math.floor(practices / count)
  return Promise.all(
    Array.from({ length: count }, async (_, place) => {
      const index = 1 + place * apart
      return { index, token: await stage.tokenOf(index) }
    }),
  )
}

const procedure = '/trpc/pms.connectionStatus'

/** A status question over tRPC, as the page asks it. */
export function overTrpc({ token }: Person, input?: object, origin?: string): RawRequest {
  const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`
  return getRequest(procedure + query, token, origin)
}

/** The same as plain JSON. */
export const overRest = ({ token }: Person): RawRequest => getRequest('/api/pms/connection-status', token)

/** A mutation without input, as the page sends it. @returns what it answers, with its cookies. @throws {Error} when it is refused */
export async function mutate(
  asker: Asker,
  name: string,
  { token }: Pick<Person, 'token'>,
): Promise<{ data: unknown; cookie: string }> {
  const { head, body } = await asker.ask(rawRequest('POST', `/trpc/${name}`, { token }))
  const { result } = JSON.parse(body) as { result: { data: unknown } }
  const cookies = [...head.matchAll(/^set-cookie: *([^;\r]+)/gim)].map(([, cookie]) => cookie)
  return { data: result.data, cookie: cookies.join('; ') }
}

export interface ToldStatus {
  status: string
  revision: string
  practiceName?: string
}

/** What an answer over tRPC says. */
export function toldStatus(body: string): ToldStatus {
  return (JSON.parse(body) as { result: { data: ToldStatus } }).result.data
}
