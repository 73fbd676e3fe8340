/**
 * Builds the page into `web/dist`. With `--if-changed` only when what it is made of has changed since, so
 * that a start is quick and does not take the page away under a server that serves it.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

const web = fileURLToPath(new URL('.', import.meta.url))
const stamp = join(web, '.made-from')

/** All that the page is made of, from here. */
const sources = [
  'index.html',
  'vite.config.ts',
  'floor/browser-floor.ts',
  'build.ts',
  'package.json',
  'public',
  'src',
  '../shared/src',
  '../pnpm-lock.yaml',
]

async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => undefined)
  if (!entries) return [path]
  return entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []))
}

async function digest(): Promise<string> {
  const files = (await Promise.all(sources.map((source) => filesOf(join(web, source))))).flat().sort()
  const hash = createHash('sha256')
  for (const file of files) hash.update(file.slice(web.length)).update(await readFile(file))
  return hash.digest('hex')
}

/** Beside the file itself, for who takes it: compressed once, and as small as it gets. */
async function compress(file: string): Promise<void> {
  const content = await readFile(file)
  await writeFile(`${file}.br`, brotliCompressSync(content))
  await writeFile(`${file}.gz`, gzipSync(content, { level: constants.Z_BEST_COMPRESSION }))
}

const madeFrom = await digest()
const isCurrent = async () =>
  existsSync(join(web, 'dist/index.html')) && (await readFile(stamp, 'utf8').catch(() => '')) === madeFrom

if (!process.argv.includes('--if-changed') || !(await isCurrent())) {
  await build({ root: web, logLevel: 'warn' })
  await Promise.all((await filesOf(join(web, 'dist/assets'))).filter((file) => /\.(js|css)$/.test(file)).map(compress))
  await writeFile(stamp, madeFrom)
}
