import { randomBytes, randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { Redacted } from '../config/redacted.ts'
import { historyIds } from './history-ids.ts'

const secret = () => new Redacted(randomBytes(32).toString('base64'))
const account = randomUUID()

it.each([1n, 2n, 2n ** 40n, 2n ** 63n - 1n])('T15: %s is opened again, and always sealed alike', (id) => {
  const ids = historyIds([secret()])
  const sealed = ids.seal(account, id)
  expect(sealed).toMatch(/^[\w-]{22}$/)
  expect(ids.open(account, sealed)).toBe(id)
  expect(ids.seal(account, id)).toBe(sealed)
})

it('T15: ids that follow each other have nothing in common', () => {
  const ids = historyIds([secret()])
  const blocks = [1n, 2n, 3n, 4n].map((id) => Buffer.from(ids.seal(account, id), 'base64url'))
  for (let byte = 0; byte < 16; byte += 4) {
    expect(new Set(blocks.map((block) => block.readUInt32BE(byte))).size).toBe(blocks.length)
  }
})

it('T15: one of another account, of another key, or changed in any bit is not opened', () => {
  const ids = historyIds([secret()])
  const sealed = ids.seal(account, 7n)
  expect(ids.open(randomUUID(), sealed)).toBeUndefined()
  expect(historyIds([secret()]).open(account, sealed)).toBeUndefined()
  for (let bit = 0; bit < 128; bit++) {
    const changed = Buffer.from(sealed, 'base64url')
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(ids.open(account, changed.toString('base64url'))).toBeUndefined()
  }
  for (const text of ['', '7', sealed.slice(1), `${sealed}${sealed}`]) expect(ids.open(account, text)).toBeUndefined()
})

it('T15: a cursor is good while STATE_SECRET is replaced', () => {
  const [old, next] = [secret(), secret()]
  const sealed = historyIds([old]).seal(account, 7n)
  expect(historyIds([next, old]).open(account, sealed)).toBe(7n)
  expect(historyIds([old, next]).open(account, historyIds([next, old]).seal(account, 7n))).toBe(7n)
})
