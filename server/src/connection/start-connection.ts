import { createHash, randomBytes } from 'node:crypto'
import type { StartedConnection } from '@pms/shared/connection-status'
import { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import { longestWork } from './complete-attempt.ts'
import type { Attempts } from '../store/open-store.ts'
import type { Preflight } from './preflight.ts'
import { signState } from './signed-state.ts'
import { forPerson, type UpstreamsFor } from './upstreams.ts'

/** Ties an attempt to the browser that started it: a cookie that only that browser has. */
export interface BrowserBinding {
  /** tells this attempt's cookie from other attempts' in the same browser */
  shortId: string
  token: Redacted
}

/** SHA-256: the database stores nonces and cookies in this form. */
export function sha256(value: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash('sha256').update(value).digest())
}

/** 256 random bits, base64url: 43 characters. */
function randomToken(): string {
  return randomBytes(32).toString('base64url')
}

/** 12 characters derived from the nonce, so that the callback knows which cookie to read. */
export function shortIdOf(nonce: string): string {
  return Buffer.from(sha256(nonce)).toString('base64url').slice(0, 12)
}

/**
 * The attempt's id, also derived from the nonce: the callback can name the attempt before the database has answered
 * (S20). A UUID of version 8; it does not reveal the nonce.
 */
export function attemptIdOf(nonce: string): string {
  const bytes = Buffer.from(sha256(`attempt ${nonce}`)).subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/**
 * Creates an attempt (contract, section 6, steps 1 and 2).
 * @throws {ConnectionFailure} PROVIDER_UNAVAILABLE, STORAGE_UNAVAILABLE with `retryAfter` while the attempt is
 * known to fail (S12): nobody is sent to Sikka for an authorization that would be lost
 */
export async function startConnection(
  unbound: {
    attempts: Attempts
    upstreams: UpstreamsFor
    preflight: Pick<Preflight, 'demandOk'>
    stateKeys: readonly Redacted[]
  },
  { accountId, requestId }: { accountId: string; requestId: string },
): Promise<{ started: StartedConnection; binding: BrowserBinding }> {
  const parts = forPerson(unbound, accountId)
  refuseFor(parts.sikka.heldBackFor(longestWork), 'PROVIDER_UNAVAILABLE', 'Sikka has failed, or wants no calls for now')
  refuseFor(parts.vault.heldBackFor(), 'STORAGE_UNAVAILABLE', 'Secrets Manager has not answered of late')
  await parts.preflight.demandOk()
  const nonce = randomToken()
  const token = new Redacted(randomToken())
  const attempt = await parts.attempts.create({
    id: attemptIdOf(nonce),
    accountId,
    nonceHash: sha256(nonce),
    browserHash: sha256(token.reveal()),
    requestId,
  })
  const state = signState({ accountId, timestamp: attempt.createdAt.getTime(), nonce }, parts.stateKeys)
  return {
    started: {
      authorizationUrl: parts.sikka.authorizationUrl(state),
      attemptId: attempt.id,
      expiresAt: attempt.expiresAt.toISOString(),
    },
    binding: { shortId: shortIdOf(nonce), token },
  }
}

function refuseFor(milliseconds: number, code: 'PROVIDER_UNAVAILABLE' | 'STORAGE_UNAVAILABLE', because: string): void {
  if (milliseconds <= 0) return
  // performance.now() is fractional: 5000.0000001 ms must not become 6 s.
  const retryAfter = Math.max(1, Math.ceil(Math.round(milliseconds) / 1000))
  throw new ConnectionFailure(code, because, { retryAfter })
}
