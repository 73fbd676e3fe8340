/** Bytes of earlier chunks that a message may begin in. */
const memory = 16 * 1024

/** PostgreSQL's messages: a statement gets a name, and is asked for by it. */
const parse = /P[^]{4}(q_[0-9a-f]{16})\0([^\0]*)\0/g
const bind = /B[^]{4}[^\0]*\0(q_[0-9a-f]{16})\0/g

/**
 * A statement that a connection to PostgreSQL keeps prepared is named by its client, and not said again: to whoever
 * waits for its words, they are said with the name.
 * @returns what was said, after the words of the statements that it names: so values follow them, as in a new statement
 */
export function unfoldStatements(): (said: Buffer) => Buffer {
  const statements = new Map<string, string>()
  let before = ''
  return (said) => {
    const text = said.toString('latin1')
    for (const [, name = '', words = ''] of (before + text).matchAll(parse)) statements.set(name, words)
    before = (before + text).slice(-memory)
    const named = [...text.matchAll(bind)].map(([, name = '']) => statements.get(name) ?? '')
    return named.length === 0 ? said : Buffer.concat([Buffer.from(named.join('\0'), 'latin1'), said])
  }
}
