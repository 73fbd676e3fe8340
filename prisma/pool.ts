import pg from 'pg'
import { withSession } from './session.ts'

/** The pool waits for nothing without end; its own defaults have no limits at all. Milliseconds. */
export const databaseLimits = {
  connect: 2_000,
  /** enforced by PostgreSQL */
  statement: 5_000,
  idleInTransaction: 10_000,
  /** enforced here, for a PostgreSQL that is heard of no more */
  answer: 7_000,
} as const

/** pg's own words for an answer that did not come in time. */
const noAnswer = 'Query read timeout'

/** PostgreSQL's code for a server that takes no writes, as a primary that is one no more (F67). */
const readOnly = '25006'

const fromConnection = Symbol('error of a connection to PostgreSQL')

/**
 * Whether an error was thrown by a connection of such a pool. Sockets to Sikka, to Secrets Manager and to clients fail with
 * the same codes (S2), so the code alone does not tell.
 */
export function isFromConnection(error: unknown): boolean {
  return error instanceof Error && fromConnection in error
}

function marked(error: unknown): void {
  if (!(error instanceof Error) || !Object.isExtensible(error)) return
  Object.defineProperty(error, fromConnection, { value: true })
  // It has a row's values, in words: they must not reach a log.
  if (error instanceof pg.DatabaseError) error.detail = undefined
}

/**
 * A connection on which an answer did not come in time is given up: pg itself would put it back into the pool, where
 * every later query would wait behind the one that hangs. So is one that leads to a server without writes: a new one
 * may lead to the primary of now.
 */
class BoundedClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config)
    const query = this.query.bind(this) as (...parameters: unknown[]) => unknown
    const giveUp = (error: unknown): void => {
      if (!(error instanceof Error)) return
      marked(error)
      const takesNoWrites = 'code' in error && error.code === readOnly
      if (takesNoWrites || error.message === noAnswer) this.connection.stream.destroy()
    }
    const bounded = (...parameters: unknown[]): unknown => {
      const callback = parameters.at(-1)
      if (typeof callback === 'function') {
        const told = (error: unknown, ...rest: unknown[]): void => {
          giveUp(error)
          callback(error, ...rest)
        }
        return query(...parameters.slice(0, -1), told)
      }
      const answer = query(...parameters)
      if (answer instanceof Promise) answer.catch(giveUp)
      return answer
    }
    this.query = bounded as typeof this.query

    const connect = this.connect.bind(this) as (callback?: (error: unknown) => void) => unknown
    const connecting = (callback?: (error: unknown) => void): unknown => {
      if (callback) {
        return connect((error) => {
          marked(error)
          callback(error)
        })
      }
      return (connect() as Promise<void>).catch((error: unknown) => {
        marked(error)
        throw error
      })
    }
    this.connect = connecting as typeof this.connect
  }
}

/** Connections are made when they are needed, `connections` of them at most. */
export function openPool(
  databaseUrl: string,
  { connections, applicationName }: { connections: number; applicationName: string },
): pg.Pool {
  const pool = new pg.Pool({
    Client: BoundedClient,
    connectionString: withSession(databaseUrl),
    application_name: applicationName,
    max: connections,
    connectionTimeoutMillis: databaseLimits.connect,
    statement_timeout: databaseLimits.statement,
    idle_in_transaction_session_timeout: databaseLimits.idleInTransaction,
    query_timeout: databaseLimits.answer,
    keepAlive: true,
  })
  // An idle connection that breaks is replaced when the next one is needed; without a listener it would end the process.
  pool.on('error', () => undefined)
  return pool
}
