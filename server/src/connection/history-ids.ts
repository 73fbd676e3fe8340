import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import type { Redacted } from '../config/redacted.ts'

/** Ids and cursors of the history, as an account sees them. */
export interface HistoryIds {
  /** @returns 22 characters of base64url, always the same for an event while the first key is the same */
  seal(accountId: string, id: bigint): string
  /** @returns undefined unless `seal` made the text for this account with one of the keys */
  open(accountId: string, text: string): bigint | undefined
}

const algorithm = 'aes-256-ecb'
const blockBytes = 16
const tagBytes = 8

/**
 * Audit ids are one sequence for all accounts: two of them reveal how many events lie between (T15). An account sees
 * one AES block instead: half of it is a tag of the account, half the id. A single block needs no chaining mode; a
 * changed block, or another account's, decrypts to a wrong tag except once in 2^64.
 * @param secrets base64, as `STATE_SECRET`: the first seals, any opens
 */
export function historyIds(secrets: readonly Redacted[]): HistoryIds {
  const keys = secrets.map((secret) =>
    Buffer.from(hkdfSync('sha256', Buffer.from(secret.reveal(), 'base64'), '', 'pms.history', 32)),
  )
  const [first] = keys
  if (!first) throw new Error('No key to seal the ids of the history with')

  return {
    seal(accountId, id) {
      const block = Buffer.alloc(blockBytes)
      tagOf(accountId).copy(block)
      block.writeBigUInt64BE(id, tagBytes)
      return createCipheriv(algorithm, first, null).setAutoPadding(false).update(block).toString('base64url')
    },
    open(accountId, text) {
      const sealed = Buffer.from(text, 'base64url')
      if (sealed.length !== blockBytes) return undefined
      for (const key of keys) {
        const block = createDecipheriv(algorithm, key, null).setAutoPadding(false).update(sealed)
        if (block.subarray(0, tagBytes).equals(tagOf(accountId))) return block.readBigUInt64BE(tagBytes)
      }
      return undefined
    },
  }
}

function tagOf(accountId: string): Buffer {
  return createHash('sha256').update(accountId).digest().subarray(0, tagBytes)
}
