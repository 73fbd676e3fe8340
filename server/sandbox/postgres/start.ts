import { mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { binariesFor, findBinaries } from './binaries.ts'
import { clearAway } from './clear-away.ts'
import { keptDataFolder, superuser, throwawayDataFolder } from './data-folder.ts'
import { ensureDatabase, urlOfDatabase } from './database.ts'
import { reserveFreePort } from '../free-port.ts'
import { stopLeftover } from './leftover.ts'
import { takeLock } from './owner-lock.ts'
import { openPlace, type Place } from './place.ts'
import { PortTaken, type ServerProcess, startServer } from './server-process.ts'

export interface PostgresOptions {
  /** Where the state of this checkout is kept; made when missing. */
  readonly folder: string
  /** Keep the data between runs; or a server of its own for tests, with nothing left of it afterwards. */
  readonly keep: boolean
  /** Default: any free one. */
  readonly port?: number
  /** Told, in a line each, what is out of the ordinary; also when the server ends by itself. */
  readonly onNotice?: (line: string) => void
}

export interface Postgres extends AsyncDisposable {
  /** Of the product's database; with the password: not for a log. */
  readonly url: string
  /** Of any database of this server. */
  urlOf(database: string): string
  /** Fast shutdown; resolves when no process is left. Safe to call twice. */
  close(): Promise<void>
}

const database = 'pms'
const attempts = 5
const tcpOnly = { listen_addresses: '127.0.0.1', unix_socket_directories: '' }
const unsafeButQuick = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: 200 }

/**
 * Starts a real PostgreSQL on 127.0.0.1. It ends with this process, whichever way this process ends.
 * @throws with a message for the user: no binaries for this platform; the kept data in use by a living
 *   process (its pid is named); `port` taken; what PostgreSQL itself said
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { folder, keep, onNotice = () => undefined } = options
  const packaged = findBinaries()
  await using cleanup = new AsyncDisposableStack()
  await mkdir(folder, { recursive: true })
  if (keep) cleanup.defer(await takeLock(join(folder, 'postgres.lock'), `The sandbox's database in ${folder}`))
  const place = await openPlace(folder, onNotice)
  await clearAway(place, await realpath(folder)).catch((error: unknown) => onNotice(String(error)))
  const bin = await binariesFor(place.account, packaged, place.path)

  const data = keep ? await keptDataFolder(place, bin) : await throwawayDataFolder(place, bin)
  if (keep && (await stopLeftover(data))) onNotice('Stopped the PostgreSQL that an earlier run had left behind.')
  const [server, port] = await startOnPort(place, bin, data, options)
  cleanup.defer(() => server.stop())

  const url = `postgresql://${superuser}:${place.password}@127.0.0.1:${port}/${superuser}`
  await ensureDatabase(url, database)
  const whenDone = cleanup.move()
  let closing: Promise<void> | undefined
  const close = () => (closing ??= whenDone.disposeAsync())
  void server.ended.then((log) => closing ?? onNotice(`PostgreSQL ended by itself. ${log}`.trim()))
  return {
    url: urlOfDatabase(url, database),
    urlOf: (name) => urlOfDatabase(url, name),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function startOnPort(
  { account }: Place,
  bin: string,
  data: string,
  { keep, port }: PostgresOptions,
): Promise<[ServerProcess, number]> {
  const settings = keep ? tcpOnly : { ...tcpOnly, ...unsafeButQuick }
  for (let attempt = 1; ; attempt += 1) {
    const candidate = port ?? (await reserveFreePort())
    try {
      const after = keep ? 'keep' : 'remove'
      return [await startServer({ account, bin, data, port: candidate, after, settings }), candidate]
    } catch (error) {
      // Between the choice of a free port and its use anybody may take it.
      if (!(error instanceof PortTaken) || port !== undefined || attempt === attempts) throw error
    }
  }
}
