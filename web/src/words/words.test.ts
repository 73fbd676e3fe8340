import { connectionErrorText, lostText, timeoutText } from '@pms/shared/errors'
import { describe, expect, it, test } from 'vitest'
import { languageOf } from '@pms/shared/languages'
import { words as englishWords } from './en.ts'
import { fill } from './filled.tsx'
import { words as frenchWords } from './fr-ca.ts'
import { setFrench } from './french-typography.ts'
import { stepWords as englishSteps } from './steps-en.ts'
import { stepWords as frenchSteps } from './steps-fr-ca.ts'

const english = { ...englishWords, ...englishSteps }
const french = { ...frenchWords, ...frenchSteps }

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
  expect(english.lost.heading).toBe(lostText)
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

describe('P16: French typography', () => {
  const texts = textsOf(french)

  it.each([
    ['a no-break space before : ; ! ? »', /(^|[^\u00a0])[:;!?»]/],
    ['a no-break space after «', /«(?!\u00a0)/],
    ['French quotation marks and the curly apostrophe', /["“”'‘]/],
    ['an ellipsis of one character', /\.\.\./],
    ['no two spaces, and none at an end', /\s\s|^\s|\s$/],
  ])('P16: %s, in every text', (_, wrong) => {
    expect(texts.filter(([, text]) => wrong.test(text))).toEqual([])
  })

  it('P16: headings are written as sentences', () => {
    const known = /^(Allow|Autoriser|Connecter|Dentrix|Eaglesoft|IA|Internet|Parlae|Practice|Utility|Sikka|SPU)$/
    const capitals = texts.flatMap(([place, text]) => {
      const within = [...text.matchAll(/(?<=[a-zéèà,] )\(?(\p{Lu}[\p{L}]*)/gu)].map(([, word = '']) => word)
      return within.filter((word) => !known.test(word)).map((word) => `${place}: ${word}`)
    })
    expect(capitals).toEqual([])
  })

  it.each([
    [/joindre|joignez/i, 'communiquer avec'],
    [/nous n’avons pas encore vu/i, 'n’a pas encore été détecté'],
    [/se déconnecter/i, 'fermer la session'],
    [/e-?mail/i, 'courriel'],
    [/cookie/i, 'témoin'],
    [/cliqu|support(?!e)/i, 'choisir; soutien technique'],
  ])('P16: no text says %s', (calque) => {
    expect(texts.filter(([, text]) => calque.test(text))).toEqual([])
  })

  it('P16: sets what is typed with other spaces, or none', () => {
    expect(setFrench(['Ça va?', 'Oui : «bien»...'])).toEqual(['Ça va\u00a0?', 'Oui\u00a0: «\u00a0bien\u00a0»…'])
  })
})
