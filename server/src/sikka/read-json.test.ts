import { describe, expect, it } from 'vitest'
import { readJson, readRecord } from './read-json.ts'
import { quickest } from './testing/quickest.ts'

/** As large as the largest body. */
const size = 2 * 1024 * 1024
const filled = (open: string, part: string, close: string) =>
  open + part.repeat(Math.floor((size - 20) / part.length)) + close

describe('A7: a body of 2 MB holds up nothing else for 50 ms, and is no answer:', () => {
  it.each([
    ['690,000 empty items', filled('{"items":[', '{},', '{}]}')],
    ['a million empty lists', filled('[', '[],', '[]]')],
    ['numbers', filled('[', '1,', '1]')],
    ['keys', filled('{', '"a":1,', '"a":1}')],
    ['nested lists', filled('', '[', '')],
    ['nested objects', filled('', '{"":', '')],
  ])('%s', (_, body) => {
    expect(readJson(body)).toBeUndefined()
    expect(quickest(() => readJson(body))).toBeLessThan(50)
  })

  it('a long text is an answer', () => {
    const body = JSON.stringify({ long_message: 'x'.repeat(size) })
    expect(readRecord(body)).toHaveProperty('long_message')
    expect(quickest(() => readJson(body))).toBeLessThan(50)
  })
})

it.each([
  ['an object', '{"a":1}'],
  ['in an array', '[{"a":1}]'],
  ['in an array of several', '[{"a":1},{"a":2}]'],
  ['with white space around it', ' \r\n{"a":1}\n '],
  ['behind a byte order mark', '\ufeff{"a":1}'],
  ['as a JSON text', JSON.stringify('{"a":1}')],
])('one object is read from %s', (_, body) => {
  expect(readRecord(body)).toEqual({ a: 1 })
})

it.each(['', '<html>', '{"a":', 'null', '7', '"x"', '[]', '[[{"a":1}]]', '[7]'])('%j holds no object', (body) => {
  expect(readRecord(body)).toBeUndefined()
})
