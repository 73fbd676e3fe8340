import { hash } from 'node:crypto'
import pg, { type Pool, type PoolClient } from 'pg'
import { Prisma } from './generated/client.ts'

/** SQL by hand: what a `PrismaClient` and its transactions offer for it, and `openStatements`. */
export interface Statements {
  /** @returns rows */
  $queryRaw<Rows = unknown>(query: TemplateStringsArray | Prisma.Sql, ...values: unknown[]): Promise<Rows>
  /** @returns how many rows it has changed */
  $executeRaw(query: TemplateStringsArray | Prisma.Sql, ...values: unknown[]): Promise<number>
}

/** Statements by the driver itself: through Prisma's engine they take the process three times as long. */
export interface StatementPool extends Statements {
  /** Rolls back when the work throws. */
  transaction<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result>
}

export function openStatements(pool: Pool): StatementPool {
  const nameOf = statementNames()

  function on(client: Pool | PoolClient): Statements {
    async function ask(query: TemplateStringsArray | Prisma.Sql, given: unknown[]) {
      const { text, values } = query instanceof Prisma.Sql ? query : Prisma.sql(query, ...given)
      // The driver would write it in the process's own zone.
      const written = values.map((value) => (value instanceof Date ? value.toISOString() : value))
      try {
        return await client.query<pg.QueryResultRow>({ name: nameOf({ sql: text }), text, values: written })
      } catch (error) {
        // A row's values, in words.
        if (error instanceof pg.DatabaseError) error.detail = undefined
        throw error
      }
    }
    return {
      $queryRaw: async <Rows>(query: TemplateStringsArray | Prisma.Sql, ...values: unknown[]) =>
        (await ask(query, values)).rows as Rows,
      $executeRaw: async (query, ...values) => (await ask(query, values)).rowCount ?? 0,
    }
  }

  return {
    ...on(pool),
    async transaction(work) {
      const client = await pool.connect()
      let broken: Error | undefined
      // Its statement in hand, or its next one, fails with it; an event that nobody hears would end the process.
      const isGone = (error: Error): void => {
        broken = error
      }
      client.on('error', isGone)
      try {
        await client.query('BEGIN')
        const result = await work(on(client))
        await client.query('COMMIT')
        return result
      } catch (error) {
        // A connection that cannot say ROLLBACK is not used again.
        await client.query('ROLLBACK').catch(isGone)
        throw error
      } finally {
        client.off('error', isGone)
        client.release(broken)
      }
    },
  }
}

/** How many statements have a name; ours are some hundred, so more would be a text made anew at each call. */
const mostNames = 1_000

/**
 * A name for each text of a statement, by which a connection keeps it prepared: PostgreSQL spends more time on reading and
 * planning ours than on doing what they say.
 * @returns names; none (an empty one) for what would be too many
 */
export function statementNames(): (query: { sql: string }) => string {
  const names = new Map<string, string>()
  return ({ sql }) => {
    const known = names.get(sql)
    if (known !== undefined) return known
    if (names.size >= mostNames) return ''
    const name = `q_${hash('sha256', sql).slice(0, 16)}`
    names.set(sql, name)
    return name
  }
}
