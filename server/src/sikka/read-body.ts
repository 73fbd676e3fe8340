import { promisify } from 'node:util'
import * as zlib from 'node:zlib'

/** One value, or the values of a header that came several times. */
type Header = string | string[] | undefined

type Inflate = (bytes: Uint8Array, limits: { maxOutputLength: number; finishFlush?: number }) => Promise<Uint8Array>

/** Like browsers: return what arrived of a truncated stream, and let its reader decide. */
const takeCutOff = { finishFlush: zlib.constants.Z_SYNC_FLUSH }
const [gunzip, inflate, inflateRaw] = [promisify(zlib.gunzip), promisify(zlib.inflate), promisify(zlib.inflateRaw)]
const brotli = promisify(zlib.brotliDecompress)
const zstd = promisify(zlib.zstdDecompress)

/** Codings of RFC 9110, section 8.4.1, and those that servers send beside them. */
const inflaters: ReadonlyMap<string, Inflate> = new Map<string, Inflate>([
  ['gzip', (bytes, limits) => gunzip(bytes, { ...limits, ...takeCutOff })],
  ['x-gzip', (bytes, limits) => gunzip(bytes, { ...limits, ...takeCutOff })],
  // Some servers leave the zlib header out, which begins with method 8 in its low bits.
  ['deflate', (bytes, limits) => (hasZlibHeader(bytes) ? inflate : inflateRaw)(bytes, { ...limits, ...takeCutOff })],
  ['br', (bytes, limits) => brotli(bytes, limits)],
  ['zstd', (bytes, limits) => zstd(bytes, limits)],
])

/** A chain of more codings than these is not followed. */
const mostCodings = 4

/**
 * Decodes a body that was read whole: by `content-encoding`, though we ask for `identity` (F37), then by the charset.
 * A coding that is unknown or does not fit the bytes is ignored: proxies are known to leave the header of a body
 * that they have decoded.
 * @param longest bytes, also after each inflation
 * @returns undefined past that limit
 */
export async function readBody(
  bytes: Uint8Array,
  headers: { 'content-encoding'?: Header; 'content-type'?: Header },
  longest: number,
): Promise<string | undefined> {
  let decoded: Uint8Array | undefined = bytes
  for (const coding of codingsOf(headers['content-encoding'])) {
    decoded = await inflated(decoded, coding, longest)
    if (decoded === undefined || decoded.byteLength > longest) return undefined
  }
  return textOf(decoded, charsetOf(headers['content-type']))
}

/** In the order in which they have to be undone. */
function codingsOf(header: Header): string[] {
  const named = [header ?? []].flat().join(',').split(',')
  const codings = named.map((each) => each.trim().toLowerCase()).filter((each) => inflaters.has(each))
  return codings.slice(-mostCodings).toReversed()
}

async function inflated(bytes: Uint8Array, coding: string, longest: number): Promise<Uint8Array | undefined> {
  try {
    return (await inflaters.get(coding)?.(bytes, { maxOutputLength: longest })) ?? bytes
  } catch (error) {
    return (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? undefined : bytes
  }
}

function hasZlibHeader(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x0f) === 8
}

function charsetOf(header: Header): string | undefined {
  return /;\s*charset\s*=\s*["']?([^\s"';,]+)/i.exec([header ?? []].flat().join(';'))?.[1]
}

/**
 * By its byte order mark, else by the declared charset, else as UTF-8; undeclared text that is no UTF-8 is what
 * Windows servers write.
 */
function textOf(bytes: Uint8Array, charset: string | undefined): string {
  const marked = markedCharset(bytes)
  const declared = marked ?? charset
  if (declared !== undefined) {
    const decoder = decoderFor(declared)
    if (decoder) return decoder.decode(bytes)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/** A byte order mark; or, since JSON begins with ASCII, a zero byte beside its first character (RFC 4627, section 3). */
function markedCharset([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return 'utf-16be'
  return undefined
}

/** @returns undefined for an unknown charset */
function decoderFor(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset)
  } catch {
    return undefined
  }
}
