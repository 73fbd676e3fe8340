import { connectionErrorText, timeoutText } from '@pms/shared/errors'
import { expect, test } from 'vitest'
import { languageOf } from './choose-language.ts'
import { words as english } from './en.ts'
import { fill } from './filled.tsx'
import { words as french } from './fr-ca.ts'

/** Every text of a catalogue, by its place in it. */
function textsOf(part: unknown, place = ''): [string, string][] {
  if (typeof part === 'string') return [[place, part]]
  return Object.entries(part as object).flatMap(([name, value]) => textsOf(value, `${place}.${name}`))
}

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).toSorted()

test('French fills in what English fills in, and leaves no text empty', () => {
  const translated = new Map(textsOf(french))
  for (const [place, text] of textsOf(english)) {
    const translation = translated.get(place)?.trim() ?? ''
    expect([place, translation === '', ...placeholders(translation)]).toEqual([place, false, ...placeholders(text)])
  }
})

test('French says nothing in English', () => {
  const same = textsOf(french).filter(([place, text]) => text === new Map(textsOf(english)).get(place))
  expect(same).toEqual([['.product', english.product]])
})

test('contract, section 8: the words that are promised', () => {
  expect(english.notConnected.steps).toHaveLength(4)
  expect(english.notConnected.button).toBe('Connect via Sikka')
  expect(english.connecting.heading).toBe('Connecting to your practice management system...')
  expect(fill(english.connected.heading, { practice: 'A (B)' })).toBe('Successfully connected to A (B)')
  expect(english.connected.agentCan).toBe('Your AI agent can now:')
  expect(english.connected.abilities).toEqual(['Book appointments', 'Check availability', 'Access patient information'])
  expect(english.connected.button).toBe('Continue to Review')
  expect(english.failed.headings).toMatchObject(connectionErrorText)
  expect(english.failed.headings.access_denied).toBe('Authorization cancelled. You can try again anytime.')
  expect(english.timedOut.heading).toBe(timeoutText)
})

test.each([
  ['fr-CA', ['en-CA'], 'fr-CA'],
  ['en', ['fr-CA'], 'en'],
  ['de', ['fr'], 'fr-CA'],
  [null, ['fr-FR', 'en'], 'fr-CA'],
  [null, ['de-CH', 'FR'], 'fr-CA'],
  [null, ['de', 'en-GB', 'fr'], 'en'],
  [null, ['frr'], 'en'],
  [null, [], 'en'],
] as const)('kept %s, the browser wishes for %s: %s', (kept, wished, language) => {
  expect(languageOf(kept, wished)).toBe(language)
})

test('what has no value stays as it is', () => {
  expect(fill('{a} and {b}', { a: 'x' })).toBe('x and {b}')
})
