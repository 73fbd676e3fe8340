import { rowNamesIn } from './row-names.ts'

export const families = ['AT', 'F', 'I', 'T', 'S', 'A', 'P'] as const
export type Family = (typeof families)[number]

export interface Row {
  name: string
  family: Family
  /** the attack, fault or invariant, in a few words */
  what: string
}

export interface Rows {
  rows: Row[]
  /** why a row has no test, by its name */
  leftOut: Map<string, string>
}

/**
 * Reads the tables of docs/attacks-and-faults.md: a table whose first column is headed by a family has
 * its rows, the one headed "left out" has the reasons.
 * @throws {Error} when a row has another name than its table wants, comes twice, or a number is passed over
 */
export function readRows(markdown: string): Rows {
  const rows: Row[] = []
  const leftOut = new Map<string, string>()
  for (const { heading, cells } of tableLines(markdown)) {
    const [first = '', what = ''] = cells
    const names = rowNamesIn(`${first}:`)
    if (heading === 'left out') {
      if (names.length === 0 || what === '') throw new Error(`No row, or no reason: | ${cells.join(' | ')} |`)
      for (const name of names) leftOut.set(name, what)
    }
    const family = families.find((each) => each === heading)
    if (!family) continue
    if (names.length === 0) throw new Error(`No row of ${family}: | ${cells.join(' | ')} |`)
    for (const name of names) {
      // Every number in its turn, so that a row that is lost from the page is missed.
      const expected = `${family}${rows.filter((row) => row.family === family).length + 1}`
      if (name !== expected) throw new Error(`${name} stands where ${expected} is expected.`)
      rows.push({ name, family, what })
    }
  }
  return { rows, leftOut }
}

/** The lines of all tables, each with the heading of its first column. */
function tableLines(markdown: string): { heading: string; cells: string[] }[] {
  let heading: string | undefined
  return markdown.split('\n').flatMap((line) => {
    if (!line.startsWith('|')) {
      heading = undefined
      return []
    }
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    if (heading === undefined) {
      heading = cells[0] ?? ''
      return []
    }
    return cells.every((cell) => /^:?-+:?$/.test(cell)) ? [] : [{ heading, cells }]
  })
}
