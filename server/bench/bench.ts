/**
 * Measures the production server against the targets of docs/performance.md, with all that it needs, and prints a table.
 *
 *     pnpm bench            some seven minutes
 *     pnpm bench --quick    every row, more roughly, in less than two minutes
 *     pnpm bench --json     one JSON object instead of the table
 */
import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { connecting } from './connecting.ts'
import { median } from './measure.ts'
import { people } from './people.ts'
import { againstConstants, againstFewer, besideEachOther, whileChanging } from './questions.ts'
import { efforts, isMet, type Effort, type Row } from './row.ts'
import { openStage } from './stage.ts'
import { commitToAnswer, manyWaiting } from './waiting.ts'

async function measure(effort: Effort, say: (line: string) => void): Promise<Row[]> {
  await using stage = await openStage()
  const few = await stage.database(20_000)
  say('a constant, and the plain way')
  await using server = await stage.startServer(few)
  const rows = await againstConstants(stage, few, server, effort)
  const smallest = await stage.database(1_000)
  say(`${effort.many.toLocaleString('en')} practices`)
  const most = await stage.database(effort.many)
  {
    await using ofSmallest = await stage.startServer(smallest)
    await using ofMost = await stage.startServer(most)
    const small = { database: smallest, server: ofSmallest, askers: await people(stage, 1_000, smallest.practices) }
    const large = { database: most, server: ofMost, askers: await people(stage, 1_000, most.practices) }
    rows.push(...(await againstFewer(small, large, effort)))
    say('changes going on')
    rows.push(...(await whileChanging(large, effort)))
  }
  say('two processes')
  await using second = await stage.startServer(few)
  const askers = await people(stage, 1_000, few.practices)
  rows.push(...(await besideEachOther({ server, askers }, second, effort)))
  say('waiting')
  rows.push(...(await commitToAnswer(stage, few, [server, second], effort)))
  rows.push(...(await manyWaiting(stage, few, effort)))
  say('connecting')
  rows.push(...(await connecting(stage, few, server, effort)))
  say('starting')
  const starts: number[] = []
  for (let count = 0; count < effort.starts; count++) {
    await using started = await stage.startServer(few)
    starts.push(started.readyAfter)
  }
  rows.push({
    name: 'Production server, start to ready, median',
    value: median(starts),
    unit: 'ms',
    target: { atMost: 1_000 },
  })
  return rows
}

const { values: chosen } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } })
const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 1e9)} GB, Linux ${release()}, Node ${process.version}`
const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
const startedAt = performance.now()
const rows = await measure(efforts[chosen.quick ? 'quick' : 'whole'], (line) =>
  process.stderr.write(`${Math.round((performance.now() - startedAt) / 1000)} s: ${line}\n`),
)
const targetText = ({ target }: Row) => ('atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`)
const rounded = (value: number) => Number(value.toPrecision(3))

if (chosen.json) {
  const told = rows.map((row) => ({
    name: row.name,
    value: rounded(row.value),
    unit: row.unit,
    target: targetText(row),
    met: isMet(row),
  }))
  process.stdout.write(`${JSON.stringify({ machine, commit, rows: told })}\n`)
} else {
  const lines = rows.map(
    (row) =>
      `| ${row.name} | ${rounded(row.value)} ${row.unit} | ${targetText(row)} | ${isMet(row) ? 'met' : 'NOT met'} |`,
  )
  process.stdout.write(
    `${machine}; commit ${commit}\n\n| what | measured | target | |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`,
  )
}
