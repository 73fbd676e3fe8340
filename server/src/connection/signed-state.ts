import { createHmac, timingSafeEqual } from 'node:crypto'
import { OAuthState } from '@pms/shared/oauth-state'
import type { Redacted } from '../config/redacted.ts'

declare const verified: unique symbol

/** A state whose signature is ours. Only `verifyState` makes one. */
export type VerifiedState = OAuthState & { readonly [verified]: true }

/** Longest state accepted, characters; ours has about 230. */
const longestState = 1024

/** base64url. Compared as text, because several texts decode to the same bytes. */
function signature(payload: string, key: Redacted): string {
  return createHmac('sha256', Buffer.from(key.reveal(), 'base64')).update(payload).digest('base64url')
}

/** `base64url(JSON)` + `.` + `base64url(HMAC-SHA-256)`, signed with the first key. */
export function signState(state: OAuthState, keys: readonly Redacted[]): string {
  const [key] = keys
  if (!key) throw new Error('No key to sign the state with')
  const payload = Buffer.from(JSON.stringify(state)).toString('base64url')
  return `${payload}.${signature(payload, key)}`
}

/** @returns undefined for anything that no key of ours has signed */
export function verifyState(text: string, keys: readonly Redacted[]): VerifiedState | undefined {
  if (text.length > longestState) return undefined
  const parts = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/.exec(text)
  if (!parts) return undefined
  const [, payload, mac] = parts as unknown as [string, string, string]
  const given = Buffer.from(mac)
  if (!keys.some((key) => timingSafeEqual(Buffer.from(signature(payload, key)), given))) return undefined
  const state = OAuthState.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()))
  return state.success ? (state.data as VerifiedState) : undefined
}
