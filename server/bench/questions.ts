import { askEach, getRequest, load, openAsker, type RawRequest } from './load.ts'
import { inTurn, quantile, ratio } from './measure.ts'
import { overRest, overTrpc, people, toldStatus, type Person } from './people.ts'
import type { Effort, Row } from './row.ts'
import { accountIdOf } from '../test/harness/many-practices.ts'
import type { BenchDatabase, Stage, Target } from './stage.ts'
import { cpuSeconds } from './usage.ts'

/** Connections over which a load asks at a time. */
const connections = 64
/** How many people ask, whatever the number of practices. */
const asking = 1_000

/** Questions that a process answers in a second of its own processor time. */
function rate(
  targets: readonly Target[],
  requests: readonly RawRequest[],
  { load: milliseconds }: Effort,
  perSecond = Infinity,
) {
  return async (): Promise<number> => {
    const spent = () => targets.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0)
    const before = spent()
    const loads = await Promise.all(
      targets.map(({ port }) => load({ port, requests, connections, milliseconds, perSecond })),
    )
    return loads.reduce((sum, { answered }) => sum + answered, 0) / (spent() - before)
  }
}

/** Against a constant answer of the same framework with the same schemas, and against the plain way. */
export async function againstConstants(
  stage: Stage,
  database: BenchDatabase,
  server: Target,
  effort: Effort,
): Promise<Row[]> {
  await using comparisons = await stage.startComparisons(database)
  const askers = await people(stage, asking, database.practices)
  const origin = `http://localhost:${server.port}`
  const input = { attemptId: undefined, after: 'another', waitSeconds: 25 }
  const measured = await inTurn(
    {
      constant: rate([comparisons], [getRequest('/trpc/constant')], effort),
      status: rate([server], toAll(askers), effort),
      withOrigin: rate([server], toAll(askers, undefined, origin), effort),
      withInput: rate([server], toAll(askers, input), effort),
      rest: rate([server], askers.map(overRest), effort),
      plain: rate(
        [comparisons],
        askers.map(({ token }) => getRequest('/trpc/status', token)),
        effort,
      ),
    },
    effort.rounds,
  )
  const row = (name: string, value: number, atLeast: number): Row => ({
    name,
    value,
    unit: 'times',
    target: { atLeast },
  })
  const { constant, status, withOrigin, withInput, rest, plain } = measured
  return [
    row('pms.connectionStatus, of a constant query with its schemas', ratio(status, constant), 0.9),
    row('The same with an Origin', ratio(withOrigin, constant), 0.85),
    row('The same with an input', ratio(withInput, constant), 0.8),
    row('GET /api/pms/connection-status, of pms.connectionStatus', ratio(rest, status), 0.9),
    row('pms.connectionStatus, against token and findFirst at every poll', ratio(status, plain), 5),
  ]
}

const toAll = (askers: readonly Person[], input?: object, origin?: string) =>
  askers.map((asker) => overTrpc(asker, input, origin))

/** With many practices against few: answered from memory, and looked up because something has changed. */
export async function againstFewer(
  few: { database: BenchDatabase; server: Target; askers: Person[] },
  many: { database: BenchDatabase; server: Target; askers: Person[] },
  effort: Effort,
): Promise<Row[]> {
  const ask = (askers: readonly Person[]) => askers.map((asker) => overTrpc(asker))
  const fromMemory = await inTurn(
    { few: rate([few.server], ask(few.askers), effort), many: rate([many.server], ask(many.askers), effort) },
    effort.rounds,
  )
  const lookedUp = await inTurn({ few: () => lookUp(few), many: () => lookUp(many) }, effort.rounds * 4)
  const sizes = [many, few].map(({ database }) => database.practices.toLocaleString('en')).join(' practices by ')
  const row = (how: string, value: number, atMost: number): Row => ({
    name: `Time a question, ${sizes}, ${how}`,
    value,
    unit: 'times',
    target: { atMost },
  })
  return [
    row('from cache', ratio(fromMemory.few, fromMemory.many), 1.05),
    row('by query', ratio(lookedUp.many, lookedUp.few), 1.1),
  ]
}

/** Changes all of the askers' practices, then lets each ask once. @returns seconds that took, a question */
async function lookUp({ database, server, askers }: Parameters<typeof againstFewer>[0]): Promise<number> {
  const [last] = askers.slice(-1)
  if (!last) throw new Error('Nobody asks')
  const name = `Practice ${performance.now()}`
  await rename(
    database,
    askers.map(({ index }) => index),
    name,
  )
  const asker = await openAsker(server.port)
  // Notices come in the order of the changes: once the last is known, all are.
  while (toldStatus((await asker.ask(overTrpc(last))).body).practiceName !== name);
  asker.close()
  const requests = askers.slice(0, -1).map((each) => overTrpc(each))
  const startedAt = performance.now()
  await askEach(server.port, requests, 8)
  return (performance.now() - startedAt) / 1000 / requests.length
}

async function rename({ client }: BenchDatabase, indexes: readonly number[], name: string): Promise<void> {
  await client.query(
    `UPDATE pms_integrations SET metadata = jsonb_set(metadata, '{practiceName}', to_jsonb($1::text))
     WHERE "accountId" = ANY($2::uuid[])`,
    [name, indexes.map(accountIdOf)],
  )
}

/** Status changes a second that go on. */
const changesPerSecond = 200

/** While statuses change all the time: how fast, how stale, and whether anybody is told what never was. */
export async function whileChanging(
  { database, server, askers }: Parameters<typeof againstFewer>[0],
  effort: Effort,
): Promise<Row[]> {
  const quiet = rate(
    [server],
    askers.map((asker) => overTrpc(asker)),
    effort,
  )
  const seen: { staleness: number; isWrong: boolean }[] = []
  const busy = async (): Promise<number> => {
    const changing = change(database, askers)
    const watching = watch(server, askers, changing.history, seen)
    const value = await quiet()
    await watching.stop()
    await changing.stop()
    return value
  }
  const measured = await inTurn({ quiet, busy }, effort.rounds)
  return [
    {
      name: `Questions a second with ${changesPerSecond} changes a second, of without`,
      value: ratio(measured.busy, measured.quiet),
      unit: 'times',
      target: { atLeast: 0.85 },
    },
    {
      name: 'Staleness of an answer meanwhile, the worst',
      value: quantile(
        seen.map(({ staleness }) => staleness),
        1,
      ),
      unit: 'ms',
      target: { atMost: 100 },
    },
    {
      name: `Wrong answers among ${seen.length} meanwhile`,
      value: seen.filter(({ isWrong }) => isWrong).length,
      unit: 'answers',
      target: { atMost: 0 },
    },
  ]
}

/** The names that a practice has had: in the order of their commits, and when each was committed. */
type History = Map<number, { name: string; at: number }[]>

function change(database: BenchDatabase, askers: readonly Person[]) {
  const history: History = new Map()
  const over = new AbortController()
  const changing = (async () => {
    const startedAt = performance.now()
    for (let count = 0; !over.signal.aborted; count++) {
      const { index } = askers[(count * 7) % askers.length] ?? { index: 1 }
      const name = `Practice ${index} in its version ${performance.now()}`
      await rename(database, [index], name)
      const names = history.get(index) ?? []
      names.push({ name, at: performance.now() })
      history.set(index, names)
      const wait = startedAt + (1000 / changesPerSecond) * (count + 1) - performance.now()
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
    }
  })()
  return {
    history,
    stop: () => {
      over.abort()
      return changing
    },
  }
}

/** Asks for those that change, and judges what it is told once it is known what was committed. */
function watch(
  server: Target,
  askers: readonly Person[],
  history: History,
  seen: { staleness: number; isWrong: boolean }[],
) {
  const told: { index: number; name: string | undefined; askedAt: number }[] = []
  const over = new AbortController()
  const watching = Promise.all(
    Array.from({ length: 4 }, async (_, place) => {
      const asker = await openAsker(server.port)
      for (let count = place; !over.signal.aborted; count += 4) {
        // Whoever was changed a moment ago, and others.
        const recent = [...history.keys()].at(-1 - (count % 20))
        const person = askers.find(({ index }) => index === recent)
        // So often that each change is met, and not so often that they are what is measured.
        await new Promise((resolve) => setTimeout(resolve, 10))
        if (!person) continue
        const askedAt = performance.now()
        const { practiceName: name } = toldStatus((await asker.ask(overTrpc(person))).body)
        told.push({ index: person.index, askedAt, name })
      }
      asker.close()
    }),
  )
  return {
    async stop() {
      over.abort()
      await watching
      for (const { index, name, askedAt } of told) {
        const names = history.get(index) ?? []
        const version = names.findIndex((each) => each.name === name)
        const next = names[version + 1]
        seen.push({
          staleness: next ? Math.max(0, askedAt - next.at) : 0,
          isWrong: version === -1 && !new RegExp(`^Practice ${index}( in|$)|^Practice \\d+\\.\\d+$`).test(name ?? ''),
        })
      }
    },
  }
}

/** Questions a second that each process is asked, so that three processes do not compete for two cores. */
const unhurried = 2_000

/** Two processes beside each other against one, each asked as much. */
export async function besideEachOther(
  { server, askers }: { server: Target; askers: Person[] },
  second: Target,
  effort: Effort,
): Promise<Row[]> {
  const requests = askers.map((asker) => overTrpc(asker))
  // Few questions need more time to be measured.
  const longer = { ...effort, load: Math.max(effort.load, 1_500) }
  const measured = await inTurn(
    {
      one: rate([server], requests, longer, unhurried),
      two: rate([server, second], requests, longer, unhurried),
    },
    Math.max(effort.rounds, 5),
  )
  return [
    {
      name: 'Processor time a question, two processes by one',
      value: ratio(measured.one, measured.two),
      unit: 'times',
      target: { atMost: 1.1 },
    },
  ]
}
