import { createHmac, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Redacted } from '../config/redacted.ts'
import { signState, verifyState } from './signed-state.ts'

const key = () => new Redacted(randomBytes(32).toString('base64'))
const state = {
  accountId: '0190b6a0-0000-7000-8000-000000000001',
  timestamp: Date.UTC(2026, 2, 1),
  nonce: randomBytes(32).toString('base64url'),
}

const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

describe('the signed state', () => {
  it('is read back as it was signed', () => {
    const keys = [key()]
    expect(verifyState(signState(state, keys), keys)).toEqual(state)
  })

  it('is base64url of JSON, a dot, and base64url of 32 bytes', () => {
    const [payload = '', mac = ''] = signState(state, [key()]).split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual(state)
    expect(Buffer.from(mac, 'base64url')).toHaveLength(32)
  })

  it('is still accepted with the second key, and signed with the first', () => {
    const [older, newer] = [key(), key()]
    expect(verifyState(signState(state, [older]), [newer, older])).toEqual(state)
    expect(verifyState(signState(state, [newer, older]), [older])).toBeUndefined()
  })

  it('AT28: is refused with another key, whatever time it names', () => {
    expect(verifyState(signState({ ...state, timestamp: Date.UTC(3000, 0) }, [key()]), [key()])).toBeUndefined()
  })

  it('AT4: is refused unsigned, altered, cut, doubled or too long', () => {
    const keys = [key()]
    const good = signState(state, keys)
    const [payload = '', mac = ''] = good.split('.')
    const other = Buffer.from(JSON.stringify({ ...state, accountId: '0190b6a0-0000-7000-8000-000000000002' }))
    const forged = [
      payload,
      `${payload}.`,
      `.${mac}`,
      `${other.toString('base64url')}.${mac}`,
      `${payload}.${mac.slice(1)}`,
      `${payload}.${mac}.${mac}`,
      `${payload}.${'A'.repeat(43)}`,
      `${'A'.repeat(10_000)}.${mac}`,
      `x.${good}`,
      `.${good}`,
      ` ${good}`,
      `${good}A`,
      `${good}.`,
      `${good}=`,
      'é.é',
      '',
      // The last character encodes four bits, so three others decode to the same bytes.
      ...base64url
        .split('')
        .map((last) => `${good.slice(0, -1)}${last}`)
        .filter((text) => text !== good),
    ]
    expect(forged.filter((text) => verifyState(text, keys))).toEqual([])
    expect(verifyState(good, keys)).toBeDefined()
  })

  it('is HMAC-SHA-256 with the bytes of the key; one of 1,024 characters is read, and no longer one', () => {
    const bytes = randomBytes(32)
    const keys = [new Redacted(bytes.toString('base64'))]
    const signed = (text: string) => {
      const payload = Buffer.from(text).toString('base64url')
      return `${payload}.${createHmac('sha256', bytes).update(payload).digest('base64url')}`
    }
    expect(signed(JSON.stringify(state))).toBe(signState(state, keys))
    // 735 bytes are 980 characters, and 44 come after them.
    const [longest, tooLong] = [735, 736].map((length) => signed(JSON.stringify(state).padEnd(length)))
    expect([longest?.length, tooLong?.length]).toEqual([1_024, 1_026])
    expect(verifyState(longest ?? '', keys)).toEqual(state)
    expect(verifyState(tooLong ?? '', keys)).toBeUndefined()
  })

  it('is not made without a key', () => {
    expect(() => signState(state, [])).toThrow('No key to sign the state with')
  })

  it('is refused when what was signed is no state', () => {
    const keys = [key()]
    const strange = { ...state, nonce: 'short' }
    expect(verifyState(signState(strange, keys), keys)).toBeUndefined()
  })
})
