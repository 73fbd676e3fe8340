/** PostgreSQL's messages: a statement gets a name, and is asked for by it. */
const parse = /P[^]{4}(q_[0-9a-f]{16})\0([^\0]*)\0/g
const bind = /B[^]{4}[^\0]*\0(q_[0-9a-f]{16})\0/g

/** What every such name begins with, and what ends a client's turn (Sync). */
const named = Buffer.from('q_')
const sync = Buffer.from([0x53, 0, 0, 0, 4])

/** What is no turn of PostgreSQL's is not collected for ever, bytes. */
const longestTurn = 256 * 1024

/**
 * A statement that a connection to PostgreSQL keeps prepared is named by its client, and not said again: to whoever
 * waits for its words, they are said with the name.
 * @returns what was said, after the words of the statements that it names: so values follow them, as in a new statement
 */
export function unfoldStatements(): (said: Buffer) => Buffer {
  const statements = new Map<string, string>()
  /** of a turn that is not over: a message may be split anywhere */
  let before: Buffer = Buffer.alloc(0)
  return (said) => {
    const turn = before.length > 0 ? Buffer.concat([before, said]) : said
    const goesOn = turn.includes(named) && !turn.subarray(-sync.length).equals(sync) && turn.length < longestTurn
    before = goesOn ? turn : Buffer.alloc(0)
    if (!turn.includes(named)) return said
    const text = turn.toString('latin1')
    for (const [, name = '', words = ''] of text.matchAll(parse)) statements.set(name, words)
    const words = [...text.matchAll(bind)].map(([, name = '']) => statements.get(name) ?? '')
    return Buffer.concat([Buffer.from(words.join('\0'), 'latin1'), said])
  }
}
