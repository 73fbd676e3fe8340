import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstat, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { runAs } from './account.ts'
import type { Place } from './place.ts'
import { ownedName } from './process-tag.ts'

/** The role that owns everything. */
export const superuser = 'postgres'

/**
 * The data folder that keeps its databases between runs, made at the first start. It gets its name when it
 * is complete, so that a killed `initdb` leaves nothing that looks like one.
 */
export async function keptDataFolder(place: Place, bin: string): Promise<string> {
  const kept = join(place.data, 'kept')
  const found = await lstat(kept).catch(() => undefined)
  if (found) return kept
  const folder = join(place.data, await ownedName('unfinished'))
  await runInitdb(place, bin, folder, [])
  await rename(folder, kept)
  return kept
}

/** A data folder for one server only; unsafe after a loss of power, which is why it is quick. */
export async function throwawayDataFolder(place: Place, bin: string): Promise<string> {
  const folder = join(place.data, await ownedName('throwaway'))
  await runInitdb(place, bin, folder, ['--no-sync', '--no-data-checksums', '--wal-segsize=1'])
  return folder
}

async function runInitdb(place: Place, bin: string, folder: string, flags: string[]): Promise<void> {
  const command = [join(bin, 'initdb'), '-D', folder, `--username=${superuser}`]
  const options = ['--auth=scram-sha-256', '--pwfile=/dev/stdin', '--locale=C', '--encoding=UTF8', ...flags]
  // Node's pipes are sockets, which cannot be opened by the name /dev/stdin; those of `cat` can. No file has the password.
  const initdb = spawn('/bin/sh', ['-c', 'cat | "$0" "$@"', ...command, ...options], {
    ...runAs(place.account),
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  // A program that ends before it has read the password is told of by its exit code.
  initdb.stdin.on('error', () => undefined).end(`${place.password}\n`)
  const [said, [code]] = await Promise.all([text(initdb.stderr), once(initdb, 'exit')])
  if (code === 0) return
  throw new Error(
    `PostgreSQL's initdb failed: ${said.trim() || `exit code ${code}`}\n` +
      'DATABASE_URL may name a PostgreSQL 15 or newer to use instead.',
  )
}
