import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** Milliseconds. */
const connectLimit = 5_000

/** A database of its own, dropped by `drop` or at the end of an `await using`. */
export interface Database extends AsyncDisposable {
  readonly url: string
  /** Ends the sessions in it, too. Safe to call twice. */
  drop(): Promise<void>
}

/**
 * Makes a database on the server of `serverUrl`.
 * @param serverUrl any database of that server but the template; its role may create databases
 * @param name default: a random one
 * @param template a database to copy, to which nobody may be connected meanwhile
 * @throws the server's error: code 42P04 when the name is taken, 55006 when the template is in use
 */
export async function createDatabase(
  serverUrl: string,
  name = `test_${randomBytes(8).toString('hex')}`,
  template = 'template1',
): Promise<Database> {
  const identifier = pg.escapeIdentifier(name)
  await query(serverUrl, `CREATE DATABASE ${identifier} TEMPLATE ${pg.escapeIdentifier(template)}`)
  const drop = async () => {
    await query(serverUrl, `DROP DATABASE IF EXISTS ${identifier} WITH (FORCE)`)
  }
  return { url: urlOfDatabase(serverUrl, name), drop, [Symbol.asyncDispose]: drop }
}

/** Makes a database unless there is one of that name. */
export async function ensureDatabase(serverUrl: string, name: string): Promise<void> {
  const { rowCount } = await query(serverUrl, 'SELECT FROM pg_database WHERE datname = $1', [name])
  if (rowCount === 0) await createDatabase(serverUrl, name)
}

/** The URL of another database of the same server. */
export function urlOfDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${encodeURIComponent(name)}`
  return url.href
}

async function query(serverUrl: string, statement: string, values: string[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: connectLimit })
  await client.connect()
  try {
    return await client.query(statement, values)
  } finally {
    await client.end()
  }
}
