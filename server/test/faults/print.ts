/**
 * Prints, from the tests themselves, which rows of docs/attacks-and-faults.md have a test, which have none, and why
 * some are left out. Ends with 1 when that is not in order.
 *
 *     node server/test/faults/print.ts [--json]
 */
import { readFile } from 'node:fs/promises'
import { collectTests } from './collect-tests.ts'
import { isComplete, reportOf } from './report.ts'
import { reportText } from './report-text.ts'
import { readRows } from './rows.ts'

const page = new URL('../../../docs/attacks-and-faults.md', import.meta.url)
const { tests, problems } = await collectTests()
const found = reportOf(readRows(await readFile(page, 'utf8')), tests)
const report = { ...found, problems: [...problems, ...found.problems] }

process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify(report, null, 2)}\n` : reportText(report))
if (!isComplete(report)) process.exitCode = 1
