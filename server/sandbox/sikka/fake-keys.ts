import { randomInt } from 'node:crypto'

export type KeyKind = 'requestkey' | 'refreshkey' | 'secretkey' | 'code'

/**
 * Makes keys in Sikka's form, 32 letters and digits, that nobody takes for real ones:
 * `requestkeydemo000417203000000001`. The middle differs from start to start, the end from key to key.
 */
export function fakeKeys(): (kind: KeyKind) => string {
  const start = String(randomInt(1_000_000_000)).padStart(9, '0')
  let made = 0
  return (kind) => {
    const head = `${kind}demo${start}`
    return head + String(++made).padStart(32 - head.length, '0')
  }
}
