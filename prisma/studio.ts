/**
 * `pnpm studio <url>`: Prisma Studio in the browser, on the database at the address that `pnpm start` prints, or at
 * `DATABASE_URL`. Like `generate.ts`, it keeps the CLI from downloading a schema engine, which Studio does not need.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const [given, ...options] = process.argv.slice(2)
const url = given ?? process.env['DATABASE_URL']
if (!url) {
  process.stderr.write('Usage: pnpm studio <url>, with the address that pnpm start prints as Database.\n')
  process.exit(2)
}
const cli = fileURLToPath(new URL('build/index.js', import.meta.resolve('prisma/config')))
const { status } = spawnSync(process.execPath, [cli, 'studio', '--url', url, ...options], {
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  stdio: 'inherit',
})
process.exit(status ?? 1)
