import { hash } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { ColumnTypeEnum, DriverAdapterError, type ColumnType, type SqlQueryable } from '@prisma/driver-adapter-utils'
import type { Pool } from 'pg'
import { Prisma } from './generated/client.ts'

/** SQL by hand: what a `PrismaClient` and its transactions offer for it, and `openStatements`. */
export interface Statements {
  /** @returns rows */
  $queryRaw<Rows = unknown>(query: TemplateStringsArray | Prisma.Sql, ...values: unknown[]): Promise<Rows>
  /** @returns how many rows it has changed */
  $executeRaw(query: TemplateStringsArray | Prisma.Sql, ...values: unknown[]): Promise<number>
}

/** Statements by Prisma's driver adapter alone: through its engine they take the process two to three times as long. */
export interface StatementPool extends Statements {
  /** Rolls back when the work throws. */
  transaction<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result>
}

export function openStatements(pool: Pool): StatementPool {
  const adapter = new PrismaPg(pool, { statementNameGenerator: statementNames() }).connect()
  return {
    ...statementsOn(adapter),
    async transaction(work) {
      const transaction = await (await adapter).startTransaction()
      const say = (sql: string) => transaction.executeRaw({ sql, args: [], argTypes: [] })
      try {
        const result = await work(statementsOn(transaction))
        await say('COMMIT')
        return result
      } catch (error) {
        // Where it cannot be said, the connection is gone and its transaction with it.
        await say('ROLLBACK').catch(() => undefined)
        throw error
      } finally {
        // Gives the connection back, and says nothing.
        await transaction.commit()
      }
    },
  }
}

function statementsOn(queryable: SqlQueryable | Promise<SqlQueryable>): Statements {
  return {
    $queryRaw: async <Rows>(query: TemplateStringsArray | Prisma.Sql, ...values: unknown[]) => {
      const on = await queryable
      const { columnNames, columnTypes, rows } = await on.queryRaw(asked(query, values)).catch(withoutDetail)
      const columns = columnNames.map((name, index) => [name, readers[columnTypes[index] ?? 0]] as const)
      return rows.map((row) => {
        const read: Record<string, unknown> = {}
        for (const [index, [name, reader]] of columns.entries()) {
          const value = row[index]
          read[name] = reader && value !== null ? reader(value as string) : value
        }
        return read
      }) as Rows
    },
    $executeRaw: async (query, ...values) => {
      const on = await queryable
      return on.executeRaw(asked(query, values)).catch(withoutDetail)
    },
  }
}

/** The adapter is told nothing of a value but the value: our statements say its type where PostgreSQL cannot know it. */
const argType = { scalarType: 'unknown', arity: 'scalar' } as const

function asked(query: TemplateStringsArray | Prisma.Sql, given: unknown[]): Parameters<SqlQueryable['queryRaw']>[0] {
  const { text, values } = query instanceof Prisma.Sql ? query : Prisma.sql(query, ...given)
  return { sql: text, args: values, argTypes: values.map(() => argType) }
}

/** It has a row's values, in words. */
function withoutDetail(error: unknown): never {
  if (error instanceof DriverAdapterError && 'detail' in error.cause) error.cause.detail = undefined
  throw error
}

/** What the adapter leaves as PostgreSQL has written it, and Prisma's client reads. */
const readers: { readonly [Type in ColumnType]?: (written: string) => unknown } = {
  [ColumnTypeEnum.DateTime]: (written) => new Date(written),
  [ColumnTypeEnum.Json]: (written): unknown => JSON.parse(written),
  [ColumnTypeEnum.Int64]: BigInt,
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
