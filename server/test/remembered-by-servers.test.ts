import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { reserveFreePort } from '../sandbox/free-port.ts'
import { allIsHeard, holdUntilNews, isFromMemory, told } from './harness/asking.ts'
import type { Person } from './harness/person.ts'
import { databaseTime, startServer, type ServerProcess } from './harness/server-process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'
import { connect } from './harness/visit.ts'

let standIns: StandIns
let servers: [ServerProcess, ServerProcess]

beforeAll(async () => {
  standIns = await startStandIns(await reserveFreePort())
  servers = await Promise.all([startServer(standIns), startServer(standIns)])
})
afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]()
  await standIns.stop()
})
beforeEach(() => standIns.reset())

const remember = (server: ServerProcess, person: Person) =>
  until(() => isFromMemory(server.lines.database, () => told(server, person)))

it('what is changed through one server is told by the other, which had remembered what was before', async () => {
  const [a, b] = servers
  const person = await standIns.newPerson()
  for (const [here, there] of [
    [a, b],
    [b, a],
  ] as const) {
    await remember(there, person)
    const { news: connecting } = await holdUntilNews(there.here(person))
    await connect(here.here(person))
    expect(await connecting).not.toMatchObject({ status: 'pending' })
    await allIsHeard(standIns, there.here)
    expect(await told(there, person)).toBe('connected')

    await remember(here, person)
    await remember(there, person)
    const { news } = await holdUntilNews(there.here(person))
    await here.here(person).client.pms.disconnect.mutate()
    expect(await told(here, person)).toBe('pending')
    expect(await news).toMatchObject({ status: 'pending' })
    expect(await told(there, person)).toBe('pending')
  }
})

it.each([
  ['with the notice there when it wakes', false],
  ['with the notice on its way when it wakes', true],
])('I12: a server that was stopped for more than two seconds does not tell what was before: %s', async (_, isLate) => {
  const [sleeper] = servers
  const { database } = sleeper.lines
  const person = sleeper.here(await standIns.newPerson())
  await connect(person)
  await allIsHeard(standIns, sleeper.here)
  await remember(sleeper, person)
  sleeper.kill('SIGSTOP')
  try {
    const stoppedAt = await databaseTime(standIns)
    // Nothing is said to it now but that something has changed.
    if (isLate) database.set({ kind: 'hang_answer', times: 1 })
    await standIns.db.$executeRaw`UPDATE pms_integrations SET status = 'INACTIVE'`
    if (isLate) await database.struck()
    await until(async () => (await databaseTime(standIns)) > stoppedAt + 2_000)
    // In its hands at the moment when it wakes.
    const answers = told(sleeper, person)
    sleeper.kill('SIGCONT')
    expect(await answers).toBe('pending')
    expect(await told(sleeper, person)).toBe('pending')
    expect(database.strikes).toBe(isLate ? 1 : 0)
  } finally {
    sleeper.kill('SIGCONT')
  }
})
