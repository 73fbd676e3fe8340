import type { Caller } from '../caller.ts'
import type { SikkaClient as Sikka } from '../sikka/client.ts'
import type { Vault } from '../vault/client.ts'

/** Sikka and Secrets Manager, for one caller. */
interface Upstreams {
  sikka: Sikka
  vault: Vault
}

/** Parts of a use case that has not named its caller yet: no call can be made until it has (decision 16). */
export type ForAnybody<Parts extends Upstreams> = Omit<Parts, keyof Upstreams> & { upstreams: UpstreamsFor }

export type UpstreamsFor = (caller: Caller) => Upstreams

/** The parts for calls that a person of this account waits for. */
export function forPerson<Parts extends { upstreams: UpstreamsFor }>(parts: Parts, accountId: string) {
  return { ...parts, ...parts.upstreams({ accountId, isWaitedFor: true }) }
}

/** The parts for calls of this account that nobody waits for. */
export function inBackground<Parts extends { upstreams: UpstreamsFor }>(parts: Parts, accountId: string) {
  return { ...parts, ...parts.upstreams({ accountId, isWaitedFor: false }) }
}
