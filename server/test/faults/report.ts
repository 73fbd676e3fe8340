import { rowNamesIn } from './row-names.ts'
import { families, type Family, type Row, type Rows } from './rows.ts'

export interface Test {
  /** with the titles of the describes around it */
  title: string
  file: string
  /** of a stand-in: shows that a fault can be provoked, not that the system withstands it */
  ofStandIn: boolean
}

export interface RowReport extends Row {
  state: 'tested' | 'left out' | 'missing'
  tests: Test[]
  testsOfStandIns: Test[]
  /** why it is left out */
  reason: string | undefined
}

export interface Report {
  families: { family: Family; rows: RowReport[] }[]
  /** what is wrong besides rows without a test, a sentence each */
  problems: string[]
}

export function reportOf({ rows, leftOut }: Rows, tests: readonly Test[]): Report {
  const naming = new Map<string, Test[]>()
  for (const test of tests) {
    for (const name of rowNamesIn(test.title)) naming.set(name, [...(naming.get(name) ?? []), test])
  }
  const reports = rows.map((row): RowReport => {
    const all = naming.get(row.name) ?? []
    const own = all.filter((test) => !test.ofStandIn)
    const reason = leftOut.get(row.name)
    const state = own.length > 0 ? 'tested' : reason === undefined ? 'missing' : 'left out'
    return { ...row, state, tests: own, testsOfStandIns: all.filter((test) => test.ofStandIn), reason }
  })
  const known = new Set(rows.map(({ name }) => name))
  return {
    families: families.map((family) => ({ family, rows: reports.filter((row) => row.family === family) })),
    problems: [
      ...reports
        .filter((row) => row.reason !== undefined && row.tests.length > 0)
        .map(({ name, tests: [test] }) => `${name} is left out with a reason, and has a test: ${where(test)}`),
      ...[...leftOut.keys()]
        .filter((name) => !known.has(name))
        .map((name) => `${name} is left out with a reason, and is no row.`),
      ...[...naming].filter(([name]) => !known.has(name)).map(([name, [test]]) => `${name} is no row: ${where(test)}`),
    ],
  }
}

/** Whether every row has a test or a reason, and nothing else is wrong. */
export function isComplete({ families: reports, problems }: Report): boolean {
  return problems.length === 0 && reports.every(({ rows }) => rows.every(({ state }) => state !== 'missing'))
}

const where = (test: Test | undefined): string => (test ? `${test.file}: ${test.title}` : '')
