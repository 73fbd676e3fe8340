/**
 * `prisma generate`, when `schema.prisma` or Prisma has changed since the last time. Generation needs no
 * schema engine, but the CLI looks for a native one and would download it: it is shown an executable
 * that exists.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const prismaUrl = import.meta.resolve('prisma/config')
const schema = fileURLToPath(new URL('schema.prisma', import.meta.url))
const stamp = fileURLToPath(new URL('generated/made-from', import.meta.url))

const madeFrom = createHash('sha256').update(prismaUrl).update(readFileSync(schema)).digest('hex')
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === madeFrom) process.exit(0)

const cli = fileURLToPath(new URL('build/index.js', prismaUrl))
const { status } = spawnSync(process.execPath, [cli, 'generate', '--no-hints', '--schema', schema], {
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  stdio: ['ignore', 'ignore', 'inherit'],
})
if (status !== 0) process.exit(status ?? 1)
writeFileSync(stamp, madeFrom)
