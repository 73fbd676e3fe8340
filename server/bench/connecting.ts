import { openAsker } from './load.ts'
import { median } from './measure.ts'
import { mutate, overTrpc, toldStatus } from './people.ts'
import type { Effort, Row } from './row.ts'
import type { BenchDatabase, Stage, Target } from './stage.ts'

/** An attempt that Sikka has allowed, its browser on the way back. */
interface Returning {
  token: string
  attemptId: string
  callback: string
  cookie: string
}

interface Started {
  index: number
  token: string
  attemptId: string
  authorizationUrl: string
  cookie: string
}

async function start(server: Target, index: number, token: string): Promise<Started> {
  const { data, cookie } = await mutate(server, 'pms.startConnection', { token })
  return { index, token, ...(data as Pick<Started, 'attemptId' | 'authorizationUrl'>), cookie }
}

/** Allows it on Sikka's page, with an office of its own. */
async function allow({ index, token, attemptId, authorizationUrl, cookie }: Started): Promise<Returning> {
  const page = new URL(authorizationUrl)
  const form = new URLSearchParams([...page.searchParams, ['scenario.officeId', `D${index}`], ['decision', 'allow']])
  const response = await fetch(new URL(page.pathname, page), { method: 'POST', body: form, redirect: 'manual' })
  return { token, attemptId, cookie, callback: response.headers.get('location') ?? '' }
}

async function comeBack({ port }: Target, { callback, cookie }: Returning): Promise<void> {
  const { pathname, search } = new URL(callback)
  const response = await fetch(`http://127.0.0.1:${port}${pathname}${search}`, {
    headers: { cookie },
    redirect: 'manual',
  })
  const location = response.headers.get('location') ?? ''
  if (!location.includes('status=connecting')) throw new Error(`The callback has led to ${location}`)
}

/** Does it with each, so many at a time. */
async function each<Item, Result>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<Result>) {
  const results: Result[] = []
  const left = [...items.entries()]
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = left.shift(); next; next = left.shift()) results[next[0]] = await work(next[1])
    }),
  )
  return results
}

export async function connecting(
  stage: Stage,
  database: BenchDatabase,
  server: Target,
  effort: Effort,
): Promise<Row[]> {
  const indexes = Array.from(
    { length: effort.connections + effort.atOnce + 20 },
    (_, place) => database.practices + place + 1,
  )
  const tokens = await each(indexes, 1, (index) => stage.tokenOf(index))
  const people = indexes.map((index, place) => ({ index, token: tokens[place] ?? '' }))
  const begin = ({ index, token }: (typeof people)[number]) => start(server, index, token)
  // A few that warm up.
  for (const person of people.splice(0, 20)) await toActive(stage, server, await allow(await begin(person)))

  const beyond: number[] = []
  for (const person of people.splice(0, effort.connections)) {
    beyond.push(await toActive(stage, server, await allow(await begin(person))))
  }

  const startedAt = performance.now()
  const started = await each(people, 24, begin)
  const starting = performance.now() - startedAt
  const returning = await each(started, 8, allow)
  const returnedAt = performance.now()
  await each(returning, 24, async (visit) => {
    await comeBack(server, visit)
    const { status } = await outcomeOf(server, visit)
    if (status !== 'connected') throw new Error(`An attempt has ended as ${status}`)
  })
  const completing = performance.now() - returnedAt
  return [
    {
      name: 'Callback to ACTIVE, beyond the stand-ins’ own time, median',
      value: median(beyond),
      unit: 'ms',
      target: { atMost: 15 },
    },
    {
      name: 'Connections started and completed a second',
      value: (people.length / (starting + completing)) * 1000,
      unit: '/s',
      target: { atLeast: 150 },
    },
  ]
}

/** @returns milliseconds from the callback until the practice was told that it is connected, without the stand-ins' own */
async function toActive(stage: Stage, server: Target, returning: Returning): Promise<number> {
  await stage.upstreamsSpent()
  const startedAt = performance.now()
  const back = comeBack(server, returning)
  const { status } = await outcomeOf(server, returning)
  const took = performance.now() - startedAt
  await back
  if (status !== 'connected') throw new Error(`An attempt has ended as ${status}`)
  return took - (await stage.upstreamsSpent())
}

/** Waits for the outcome, from before the callback on or after it. */
async function outcomeOf(server: Target, returning: Returning) {
  const asker = await openAsker(server.port)
  const input = { attemptId: returning.attemptId }
  let told = toldStatus((await asker.ask(overTrpc({ index: 0, token: returning.token }, input))).body)
  while (told.status === 'pending' || told.status === 'connecting') {
    const next = { ...input, after: told.revision, waitSeconds: 20 }
    told = toldStatus((await asker.ask(overTrpc({ index: 0, token: returning.token }, next))).body)
  }
  asker.close()
  return told
}
