import type { Report, RowReport } from './report.ts'

/** The report for people: of each family a table and a line that sums it up, then what else is wrong. */
export function reportText({ families, problems }: Report): string {
  const parts = families.filter(({ rows }) => rows.length > 0).map(({ family, rows }) => familyText(family, rows))
  if (problems.length > 0) parts.push(problems.join('\n'))
  return parts.map((part) => `\n${part}\n`).join('')
}

function familyText(family: string, rows: RowReport[]): string {
  const nameWidth = Math.max(...rows.map(({ name }) => name.length))
  const lines = rows.map(({ name, what, state, tests, testsOfStandIns, reason }) => {
    const standing = state === 'tested' ? counted(tests.length) : state
    const line = `${name.padEnd(nameWidth)}  ${standing.padStart(9)}  ${what}`
    if (state === 'left out') return `${line}\n${' '.repeat(nameWidth + 13)}because ${reason}`
    if (state === 'missing' && testsOfStandIns.length > 0)
      return `${line} (${counted(testsOfStandIns.length)} of stand-ins)`
    return line
  })
  return [...lines, summary(family, rows)].join('\n')
}

function summary(family: string, rows: RowReport[]): string {
  const of = (state: RowReport['state']): RowReport[] => rows.filter((row) => row.state === state)
  const [tested, leftOut, missing] = [of('tested'), of('left out'), of('missing')]
  return [
    `${family}: ${tested.length} of ${rows.length} have a test`,
    ...(leftOut.length > 0 ? [`${leftOut.length} left out with a reason`] : []),
    ...(missing.length > 0 ? [`${missing.length} missing: ${missing.map(({ name }) => name).join(', ')}`] : []),
  ].join('; ')
}

const counted = (tests: number): string => (tests === 1 ? '1 test' : `${tests} tests`)
