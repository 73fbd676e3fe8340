import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readBody } from './read-body.ts'

const longest = 100_000
const text = '{"practice_name":"Clinique dentaire Sainte-Thérèse"}'
const bytes = Buffer.from(text)
const latin1 = Buffer.from(text, 'latin1')
const utf16 = Buffer.from(text, 'utf16le')
const mark = (...marked: number[]) => Buffer.from(marked)
const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, ' '))

describe('A4: a body in an encoding that nobody asked for', () => {
  it.each([
    ['gzip', gzipSync(bytes)],
    ['GZip', gzipSync(bytes)],
    [' x-gzip ', gzipSync(bytes)],
    ['deflate', deflateSync(bytes)],
    ['deflate', deflateRawSync(bytes)],
    ['br', brotliCompressSync(bytes)],
    ['zstd', zstdCompressSync(bytes)],
    ['gzip, br', brotliCompressSync(gzipSync(bytes))],
    ['identity, gzip', gzipSync(bytes)],
    ['gzip,gzip', gzipSync(gzipSync(bytes))],
    [['deflate', 'gzip'], gzipSync(deflateSync(bytes))],
    ['identity', bytes],
    ['', bytes],
    [undefined, bytes],
  ])('%j is undone', async (coding, body) => {
    expect(await readBody(body, { 'content-encoding': coding }, longest)).toBe(text)
  })

  it.each([
    ['gzip', 'which a proxy has already undone'],
    ['br', 'which a proxy has already undone'],
    ['utf-8', 'which is none'],
    ['none', 'which is none'],
  ])('%s, %s, is read as it is', async (coding) => {
    expect(await readBody(bytes, { 'content-encoding': coding }, longest)).toBe(text)
  })

  it('cut off in its last bytes, is read as far as it came', async () => {
    expect(await readBody(gzipSync(bytes).subarray(0, -8), { 'content-encoding': 'gzip' }, longest)).toBe(text)
  })

  it.each([
    ['gzip', bomb],
    ['gzip, gzip', gzipSync(bomb)],
    ['br', brotliCompressSync(Buffer.alloc(50 * 1024 * 1024, ' '))],
    ['gzip', gzipSync(Buffer.alloc(longest + 1, ' '))],
  ])('F37: %s is cut at the limit', async (coding, body) => {
    expect(await readBody(body, { 'content-encoding': coding }, longest)).toBeUndefined()
  })

  it('may be as long as the limit', async () => {
    const whole = Buffer.alloc(longest, ' ')
    expect(await readBody(gzipSync(whole), { 'content-encoding': 'gzip' }, longest)).toHaveLength(longest)
  })
})

describe('A8: text is decoded by', () => {
  it.each([
    ['its declared charset', 'application/json; charset=ISO-8859-1', latin1],
    ['its declared charset, quoted', 'application/json;Charset="windows-1252"; x=y', latin1],
    ['its declared charset', 'application/json; charset=utf-16', utf16],
    ['UTF-8 where it is declared', 'application/json; charset=utf-8', bytes],
    ['UTF-8 where nothing is declared', 'application/json', bytes],
    ['UTF-8 where the charset is unknown', 'application/json; charset=utf-99', bytes],
    ['UTF-8 without a type', undefined, bytes],
    ['what Windows writes, where it is no UTF-8', undefined, latin1],
    ['its byte order mark', 'application/json', Buffer.concat([mark(0xef, 0xbb, 0xbf), bytes])],
    ['its byte order mark', 'application/json; charset=latin1', Buffer.concat([mark(0xef, 0xbb, 0xbf), bytes])],
    ['its byte order mark', 'application/json; charset=utf-8', Buffer.concat([mark(0xff, 0xfe), utf16])],
    ['its byte order mark', undefined, Buffer.concat([mark(0xfe, 0xff), Buffer.from(utf16).swap16()])],
    ['its zero bytes, little-endian', undefined, utf16],
    ['its zero bytes, big-endian', undefined, Buffer.from(utf16).swap16()],
  ])('%s (%s)', async (_, type, body) => {
    expect(await readBody(body, { 'content-type': type }, longest)).toBe(text)
  })

  it('its charset once it is inflated', async () => {
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json; charset=latin1' }
    expect(await readBody(gzipSync(latin1), headers, longest)).toBe(text)
  })
})
