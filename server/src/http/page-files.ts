import { readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { getMimeType } from 'hono/utils/mime'

/** A file of the page, ready to send. All responses share its bytes: an unread response costs no memory (S1). */
export interface PageFile {
  bytes: Uint8Array<ArrayBuffer>
  headers: Readonly<Record<string, string>>
}

/** Encodings that the build writes beside a file, best first. */
const codings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

/** A path that cannot leave the folder or reach a hidden file. */
const plainPath = /^(\/[\w-][\w.-]{0,200}){1,8}$/

interface Kept extends PageFile {
  version: string
}

/**
 * The files of a folder, cached on first request and reread when they change on disk. The size of the folder bounds the
 * cache.
 * @returns the file at a path, in the best encoding of `Accept-Encoding`; undefined when there is none
 */
export function pageFiles(folder: string): (path: string, acceptEncoding: string | undefined) => PageFile | undefined {
  const kept = new Map<string, Kept>()

  function read(path: string, suffix: string, headers: Record<string, string>): PageFile | undefined {
    const name = path + suffix
    const stats = statSync(join(folder, name), { throwIfNoEntry: false })
    if (!stats?.isFile()) {
      kept.delete(name)
      return undefined
    }
    const version = `${stats.mtimeMs} ${stats.size}`
    const known = kept.get(name)
    if (known?.version === version) return known
    const bytes = Uint8Array.from(readFileSync(join(folder, name)))
    const length = { 'content-length': String(bytes.length) }
    const file = { bytes, version, headers: { ...headers, ...length, 'last-modified': stats.mtime.toUTCString() } }
    kept.set(name, file)
    return file
  }

  return (path, acceptEncoding = '') => {
    if (!plainPath.test(path)) return undefined
    const type = { 'content-type': getMimeType(extname(path)) ?? 'application/octet-stream', vary: 'accept-encoding' }
    const accepted = new Set(acceptEncoding.split(',').map((each) => each.trim().toLowerCase()))
    for (const [coding, suffix] of codings) {
      if (!accepted.has(coding)) continue
      const file = read(path, suffix, { ...type, 'content-encoding': coding })
      if (file) return file
    }
    return read(path, '', type)
  }
}
