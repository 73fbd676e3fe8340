import { inspect } from 'node:util'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { Redacted } from './redacted.ts'

const value = 'made-up secret value'
const secret = new Redacted(value)

it('gives its value to who asks for it', () => {
  expect(secret.reveal()).toBe(value)
})

it.each<[string, () => string]>([
  ['a text', () => String(secret)],
  ['a sum of texts', () => ''.concat(secret as unknown as string)],
  ['JSON', () => JSON.parse(JSON.stringify({ secret })).secret],
  ['inspect', () => inspect(secret)],
  ['an error', () => new Error(String(secret)).message],
])('in %s is [redacted]', (_, told) => {
  expect(told()).toBe('[redacted]')
})

it('C25: tells nothing of itself to a log, whole or as a part, nor to who looks at what it is made of', () => {
  const lines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  log.info({ secret, nested: { list: [secret] }, err: Object.assign(new Error('failed'), { secret }) }, 'said')
  expect(lines.join()).toContain('[redacted]')
  const seen = [
    ...lines,
    inspect(secret, { showHidden: true, depth: 10 }),
    inspect({ list: [secret] }, { depth: 10 }),
    JSON.stringify(Object.assign({}, secret)),
    Object.getOwnPropertyNames(secret).join(),
  ]
  expect(seen.join()).not.toContain(value)
})
