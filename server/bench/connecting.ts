import { openAsker, rawRequest, withEach, type Asker } from './load.ts'
import { median } from './measure.ts'
import { mutate, overTrpc, toldStatus, type Person } from './people.ts'
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

async function start(asker: Asker, { index, token }: Person): Promise<Started> {
  const { data, cookie } = await mutate(asker, 'pms.startConnection', { token })
  return { index, token, ...(data as Pick<Started, 'attemptId' | 'authorizationUrl'>), cookie }
}

/** Allows it on Sikka's page, with an office of its own. */
async function allow({ index, token, attemptId, authorizationUrl, cookie }: Started): Promise<Returning> {
  const page = new URL(authorizationUrl)
  const form = new URLSearchParams([...page.searchParams, ['scenario.officeId', `D${index}`], ['decision', 'allow']])
  const response = await fetch(new URL(page.pathname, page), { method: 'POST', body: form, redirect: 'manual' })
  return { token, attemptId, cookie, callback: response.headers.get('location') ?? '' }
}

async function comeBack(asker: Asker, { callback, cookie }: Returning): Promise<void> {
  const { pathname, search } = new URL(callback)
  const { head } = await asker.ask(rawRequest('GET', pathname + search, { cookie }))
  const location = /^location: *(.*)$/im.exec(head)?.[1] ?? ''
  if (!location.includes('status=connecting')) throw new Error(`The callback has led to ${location}`)
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
  const people: Person[] = []
  for (const index of indexes) people.push({ index, token: await stage.tokenOf(index) })
  const browser = await openAsker(server.port)
  const page = await openAsker(server.port)
  const connect = async (person: Person) => toActive(stage, browser, page, await allow(await start(browser, person)))
  // A few that warm up.
  for (const person of people.splice(0, 20)) await connect(person)

  const beyond: number[] = []
  for (const person of people.splice(0, effort.connections)) beyond.push(await connect(person))
  for (const asker of [browser, page]) asker.close()

  const startedAt = performance.now()
  const started = await withEach(server.port, people, 24, start)
  const starting = performance.now() - startedAt
  const returning = await withEach(server.port, started, 8, async (_, attempt) => allow(attempt))
  const returnedAt = performance.now()
  await withEach(server.port, returning, 24, async (asker, visit) => {
    await comeBack(asker, visit)
    const { status } = await outcomeOf(asker, visit)
    if (status !== 'connected') throw new Error(`An attempt has ended as ${status}`)
  })
  const completing = performance.now() - returnedAt
  return [
    {
      name: 'Callback to ACTIVE, beyond the stand-ins’ own time, median',
      value: median(beyond),
      unit: 'ms',
      target: { atMost: 25 },
    },
    {
      name: 'Connections started and completed a second',
      value: (people.length / (starting + completing)) * 1000,
      unit: '/s',
      target: { atLeast: 60 },
    },
  ]
}

/** @returns milliseconds from the callback until the practice was told that it is connected, without the stand-ins' own */
async function toActive(stage: Stage, browser: Asker, page: Asker, returning: Returning): Promise<number> {
  await stage.upstreamsSpent()
  const startedAt = performance.now()
  const back = comeBack(browser, returning)
  const { status } = await outcomeOf(page, returning)
  const took = performance.now() - startedAt
  await back
  if (status !== 'connected') throw new Error(`An attempt has ended as ${status}`)
  return took - (await stage.upstreamsSpent())
}

/** Waits for the outcome, from before the callback on or after it. */
async function outcomeOf(asker: Asker, returning: Returning) {
  const input = { attemptId: returning.attemptId }
  let told = toldStatus((await asker.ask(overTrpc({ index: 0, token: returning.token }, input))).body)
  while (told.status === 'pending' || told.status === 'connecting') {
    const next = { ...input, after: told.revision, waitSeconds: 20 }
    told = toldStatus((await asker.ask(overTrpc({ index: 0, token: returning.token }, next))).body)
  }
  return told
}
