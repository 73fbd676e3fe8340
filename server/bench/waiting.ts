import { setTimeout as sleep } from 'node:timers/promises'
import { askEach, openAsker, type Asker } from './load.ts'
import { median, quantile } from './measure.ts'
import { mutate, overTrpc, people, toldStatus, type Person } from './people.ts'
import type { Effort, Row } from './row.ts'
import { accountIdOf } from '../test/harness/many-practices.ts'
import type { BenchDatabase, Stage, Target } from './stage.ts'
import { cpuSeconds, megabytes } from './usage.ts'

/** Longest hold (contract, section 5), seconds. */
const waitSeconds = 25

/** Asks, and then waits for something else. @returns when it was told so (performance.now()) */
async function hold(asker: Asker, person: Person): Promise<{ answer: Promise<{ body: string; at: number }> }> {
  const { revision } = toldStatus((await asker.ask(overTrpc(person))).body)
  return { answer: asker.ask(overTrpc(person, { after: revision, waitSeconds })) }
}

/** From the commit of a change to the answer of whoever waits for it, in this process and in another. */
export async function commitToAnswer(
  stage: Stage,
  database: BenchDatabase,
  [server, other]: readonly [Target, Target],
  effort: Effort,
): Promise<Row[]> {
  const waiting = await people(stage, effort.changes * 3, database.practices)
  const asker = await openAsker(server.port)
  const here = await openAsker(server.port)
  const elsewhere = await openAsker(other.port)
  const late = async (person: Person, change: () => Promise<unknown>): Promise<number> => {
    const { answer } = await hold(asker, person)
    await sleep(5)
    await change()
    const committedBy = performance.now()
    return Math.max(0, (await answer).at - committedBy)
  }
  const same: number[] = []
  const across: number[] = []
  for (let count = 0; count < effort.changes; count++) {
    const [first, second, third] = waiting.slice(count * 3)
    if (!first || !second || !third) throw new Error('There are not enough people')
    same.push(await late(first, () => mutate(here, 'pms.disconnect', first)))
    across.push(await late(second, () => mutate(elsewhere, 'pms.disconnect', second)))
    const sql = `UPDATE pms_integrations SET status = 'INACTIVE' WHERE "accountId" = $1`
    across.push(await late(third, () => database.client.query(sql, [accountIdOf(third.index)])))
  }
  for (const each of [asker, here, elsewhere]) each.close()
  const row = (name: string, value: number, atMost: number): Row => ({ name, value, unit: 'ms', target: { atMost } })
  return [
    row('Commit to answer of a waiting request, same process, median', median(same), 5),
    row('Commit to answer of a waiting request, other process, median', median(across), 20),
    row('Commit to answer of a waiting request, either, p99', quantile([...same, ...across], 0.99), 50),
  ]
}

/** Connected or not: the other of what it was. */
const turn = `UPDATE pms_integrations
  SET status = CASE status WHEN 'ACTIVE' THEN 'INACTIVE' ELSE 'ACTIVE' END::"IntegrationStatus"
  WHERE "accountId" = $1`

/** Thousands that wait at the same time: what they cost, and how soon a few of them learn of a change. */
export async function manyWaiting(stage: Stage, database: BenchDatabase, effort: Effort): Promise<Row[]> {
  await using server = await stage.startServer(database)
  const waiting = await people(stage, effort.held, database.practices)
  // What is measured is the waiting and not the first meeting.
  await askEach(
    server.port,
    waiting.map((person) => overTrpc(person)),
    64,
  )
  const before = megabytes(server.pid)
  const askers = await Promise.all(waiting.map(() => openAsker(server.port)))
  const held = await Promise.all(askers.map((asker, place) => hold(asker, waiting[place] ?? { index: 0, token: '' })))
  const answers = held.map(({ answer }) => answer)
  await sleep(1_000)
  const memory = megabytes(server.pid) - before
  const spentBefore = cpuSeconds(server.pid)
  await sleep(effort.rest)
  const share = ((cpuSeconds(server.pid) - spentBefore) / (effort.rest / 1000)) * 100
  const late: number[] = []
  for (let count = 0; count < effort.changes; count++) {
    const place = (count * 97) % waiting.length
    await database.client.query(turn, [accountIdOf(waiting[place]?.index ?? 0)])
    const committedBy = performance.now()
    late.push(Math.max(0, ((await answers[place])?.at ?? Infinity) - committedBy))
  }
  for (const asker of askers) asker.close()
  return [
    { name: `${effort.held} waiting tRPC requests, memory`, value: memory, unit: 'MB', target: { atMost: 420 } },
    { name: `${effort.held} waiting, processor`, value: share, unit: '% of a core', target: { atMost: 3 } },
    {
      name: `${effort.held} waiting, change to answer, p99`,
      value: quantile(late, 0.99),
      unit: 'ms',
      target: { atMost: 50 },
    },
  ]
}
