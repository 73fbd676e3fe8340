import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'

/** One statement on a connection of its own; the rows. */
export async function ask<Row extends pg.QueryResultRow>(url: string, statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    return (await client.query<Row>(statement)).rows
  } finally {
    await client.end()
  }
}

export async function setting(url: string, name: string): Promise<string> {
  const [row] = await ask<{ value: string }>(url, `SELECT current_setting('${name}') AS value`)
  return row?.value ?? ''
}

/** A connection that stays until it, or the server, ends it; the server's last word. */
export async function connectGuest(url: string): Promise<AsyncDisposable & { sentAway: Promise<Error> }> {
  const client = new pg.Client({ connectionString: url })
  const sentAway = new Promise<Error>((resolve) => client.on('error', resolve))
  await client.connect()
  return { sentAway, [Symbol.asyncDispose]: () => client.end() }
}

/** Where the server's data is, and the pid of its main process. */
export async function serverOf(url: string): Promise<{ data: string; pid: number }> {
  const data = await setting(url, 'data_directory')
  return { data, pid: Number.parseInt(await readFile(join(data, 'postmaster.pid'), 'utf8'), 10) }
}
