import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sparticuz from '@sparticuz/chromium'
import web from '../package.json' with { type: 'json' }

const folder = fileURLToPath(new URL('../../.sandbox', import.meta.url))
const version = web.devDependencies['@sparticuz/chromium']

/**
 * The packaged Chromium, unpacked once into this checkout. The package would unpack it to a fixed name in
 * the system's temporary folder, where another user's may lie already, or one that somebody has planted.
 * @returns path of the executable
 */
export async function unpackChromium(): Promise<string> {
  const place = join(folder, `chromium-${version}`)
  const executable = join(place, 'chromium')
  if (existsSync(executable)) return executable
  await mkdir(folder, { recursive: true, mode: 0o711 })
  const unpacking = await mkdtemp(join(folder, 'chromium-unpacking-'))
  const { TMPDIR } = process.env
  process.env['TMPDIR'] = unpacking
  try {
    await sparticuz.executablePath()
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
  }
  // Whole or not at all, also when two test runs unpack it at once.
  await rename(unpacking, place).catch(() => rm(unpacking, { recursive: true, force: true }))
  return executable
}
