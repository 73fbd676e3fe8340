/** Says how much JavaScript a signed-in person's browser loads before the setup is shown, and fails past the limit. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** bytes, compressed by gzip */
const limit = 110_000

const assets = fileURLToPath(new URL('dist/assets', import.meta.url))

/** The chunks that a chunk imports at once. */
async function importsOf(chunk: string): Promise<string[]> {
  const code = await readFile(join(assets, chunk), 'utf8')
  return [...code.matchAll(/\bfrom\s*"\.\/([^"]+\.js)"|\bimport\s*"\.\/([^"]+\.js)"/g)].flatMap(
    ([, from, bare]) => from ?? bare ?? [],
  )
}

const size = async (chunk: string) => (await stat(join(assets, `${chunk}.gz`))).size

const document = await readFile(join(assets, '../index.html'), 'utf8')
const named = [...document.matchAll(/\/assets\/([^"]+\.js)"/g)].flatMap(([, chunk]) => chunk ?? [])
// One language is loaded: the longest counts.
const words = (await readdir(assets)).filter((file) => /^(en|fr-ca)-[^.]+\.js$/.test(file))
const sizes = new Map(await Promise.all(words.map(async (chunk) => [chunk, await size(chunk)] as const)))
const longest = words.toSorted((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0)).slice(0, 1)

const loaded = new Set([...named, ...longest])
for (const chunk of loaded) for (const imported of await importsOf(chunk)) loaded.add(basename(imported))

let sum = 0
for (const chunk of loaded) sum += await size(chunk)
const said = `The setup takes ${sum} bytes of JavaScript (gzip) in ${loaded.size} files; the limit is ${limit}.`
if (named.length === 0 || longest.length === 0 || sum > limit) {
  process.stderr.write(`${said}\n${[...loaded].join('\n')}\n`)
  process.exitCode = 1
} else process.stdout.write(`${said}\n`)
