import { hash } from 'node:crypto'

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
