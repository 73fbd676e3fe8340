import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import * as fc from 'fast-check'

/** An answer as it goes over the wire. */
export interface WireReply {
  status: number
  headers: Record<string, string>
  body: string | Buffer
}

const codings: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: (bytes) => gzipSync(bytes),
  'X-GZip': (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  Deflate: (bytes) => deflateRawSync(bytes),
  br: (bytes) => brotliCompressSync(bytes),
  'gzip, gzip': (bytes) => gzipSync(gzipSync(bytes)),
  identity: (bytes) => bytes,
  // Named, and not done.
  'utf-8': (bytes) => bytes,
  'br ': (bytes) => bytes,
}
const charsets: Record<string, (text: string) => Buffer> = {
  'application/json': (text) => Buffer.from(text),
  'text/html; charset=UTF-8': (text) => Buffer.from(`\ufeff${text}`),
  'application/json;charset="iso-8859-1"': (text) => Buffer.from(text, 'latin1'),
  'application/json; Charset=utf-16le': (text) => Buffer.from(text, 'utf16le'),
  'application/json; charset=nobody-knows': (text) => Buffer.from(text),
}
const wrappings: ((value: unknown) => string)[] = [
  (value) => JSON.stringify(value),
  (value) => JSON.stringify([value]),
  (value) => ` \r\n${JSON.stringify(value, null, 2)}\n`,
  (value) => JSON.stringify(JSON.stringify(value)),
]
const blanks = fc.constantFrom('', ' ', '\n', '\r\n', '\t')

/** A key or id of these characters, with white space around it. */
const spaced = (value: string) => fc.tuple(blanks, blanks).map(([before, behind]) => before + value + behind)

/** What stands for no value. */
const absent = fc.constantFrom(undefined, null, '', ' ')
/** What cannot be read as a value either. */
const unreadable = fc.constantFrom([], {}, false)

/** A good answer (`value`) as no documentation has it, and every browser would read it (A2 to A6). */
export function disguised(value: fc.Arbitrary<object>): fc.Arbitrary<WireReply> {
  return fc
    .record({
      value,
      status: fc.constantFrom(200, 200, 201, 202, 203, 206, 299),
      code: fc.constantFrom(undefined, '', null, 'API0002', 'API0003', 'API4006', 'api0002 '),
      wrap: fc.constantFrom(...wrappings),
      type: fc.constantFrom(...Object.keys(charsets)),
      coding: fc.constantFrom(...Object.keys(codings)),
    })
    .map(({ value: answer, status, code, wrap, type, coding }) => {
      const bytes = charsets[type]?.(wrap({ ...answer, error_code: code })) ?? Buffer.alloc(0)
      const body = codings[coding]?.(bytes) ?? bytes
      return { status, headers: { 'content-type': type, 'Content-Encoding': coding }, body }
    })
}

export const wholeGrant = fc.record({
  request_key: spaced('requestkeydemo0001'),
  refresh_key: fc.oneof(absent, unreadable, spaced('refreshkeydemo0001')),
  issued_to: fc.oneof(absent, spaced('d00001'), fc.constant('D00001')),
  expires_in: fc.oneof(absent, unreadable, fc.constantFrom('85603 second(s)', 85_603, '85603')),
  scope: fc.anything({ maxDepth: 1 }),
  status: fc.constantFrom('active', '', null, 0),
})

const goodItem = fc.record({
  office_id: fc.oneof(spaced('d00001'), fc.constant('D00001')),
  secret_key: spaced('secretkeydemo0001'),
  practice_id: fc.oneof(fc.constantFrom('', null, undefined), spaced('1')),
  practice_name: fc.constantFrom('', 'Clinique Sainte-Thérèse', undefined, 7),
})
export const wholeList = fc.record({
  items: fc.oneof(
    goodItem,
    goodItem.map((item) => [item]),
    goodItem.map((item) => [null, { ...item, office_id: 'D00002', secret_key: '' }, item]),
  ),
  total_count: fc.constantFrom('1', 1, '', null, undefined, 'many', -1),
  pagination: fc.constantFrom(undefined, null, '', { next: '' }),
})
