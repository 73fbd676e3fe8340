import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reserveFreePort } from '../sandbox/free-port.ts'
import { byHand, type ByHand } from './harness/by-hand.ts'
import { startServer, type ServerProcess } from './harness/server-process.ts'
import { startStandIns, type StandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'
import { connect } from './harness/visit.ts'

let standIns: StandIns
let secrets: ByHand

beforeAll(async () => {
  standIns = await startStandIns(await reserveFreePort())
  secrets = byHand(standIns)
})
afterAll(async () => {
  secrets[Symbol.dispose]()
  await standIns.stop()
})

const rowOf = (officeId: string) => standIns.db.pmsIntegration.findFirstOrThrow({ where: { officeId } })
const grants = () => standIns.sikka.calls.requestKey

/** What there is of a practice's connection. */
async function connectionOf(officeId: string) {
  const row = await rowOf(officeId)
  const { requestKey } = await secrets.read(row, row.secretVersionId)
  return { row, requestKey, versions: await secrets.versions(row), current: await standIns.currentVersion(row) }
}

/** A server connects a practice, and dies while its refresh is so far, with what it was about to say. */
async function crashWhen(officeId: string, line: keyof ServerProcess['lines'], when: string) {
  await using server = await startServer(standIns)
  const person = server.here(await standIns.newPerson())
  expect((await connect(person, officeId)).outcome).toMatchObject({ status: 'connected' })
  // What the connection has sent a job for is not to be done in the refresh's place.
  await standIns.db.$executeRaw`DELETE FROM pgboss.job WHERE name = 'settle-secret'`
  server.lines[line].set({ kind: 'hang', when })
  const { id } = await rowOf(officeId)
  await standIns.makeDue({ id })
  await standIns.db.$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE data->>'integrationId' = ${id}`
  await server.lines[line].struck()
  await server.crash()
  return connectionOf(officeId)
}

/** The leases of the dead are over, and the time of their jobs; what others do then they do by themselves. */
async function letTimePass(): Promise<void> {
  await standIns.db.$executeRaw`UPDATE pms_integrations SET "leaseUntil" = now() WHERE "leaseUntil" IS NOT NULL`
  await standIns.db.$executeRaw`
    UPDATE pgboss.job SET started_on = started_on - interval '5 minutes' WHERE state = 'active'`
}

/** A job that failed waits before it comes again; here it does not. */
const letJobsCome = () =>
  standIns.db.$executeRaw`UPDATE pgboss.job SET start_after = now() WHERE state = 'retry' AND start_after > now()`

describe('servers that die during a refresh', () => {
  type Left = Awaited<ReturnType<typeof connectionOf>>
  let unwritten: Left
  let unsaved: Left
  let unpromoted: Left
  let grantsBefore: ReturnType<typeof grants>
  let next: ServerProcess

  beforeAll(async () => {
    unwritten = await crashWhen('D00001', 'secretsManager', 'PutSecretValue')
    unsaved = await crashWhen('D00002', 'database', 'UPDATE pms_integrations\\s+SET "secretVersionId"')
    unpromoted = await crashWhen('D00003', 'secretsManager', 'UpdateSecretVersionStage')
    grantsBefore = structuredClone(grants())
    await letTimePass()
    next = await startServer(standIns)
  }, 180_000)
  afterAll(() => next[Symbol.asyncDispose]())

  /** By another server. @returns what there is then */
  async function recovered(officeId: string) {
    await until(async () => {
      await letJobsCome()
      return (await rowOf(officeId)).generation === 2
    })
    await until(async () => (await connectionOf(officeId)).current === (await rowOf(officeId)).secretVersionId)
    const connection = await connectionOf(officeId)
    expect(connection.row).toMatchObject({ status: 'ACTIVE', lastError: null, leaseUntil: null })
    return connection
  }

  it('C30: with the row pointing to new keys, and AWSCURRENT not: another moves it', async () => {
    expect(unpromoted.row).toMatchObject({ status: 'ACTIVE', generation: 2, leaseUntil: null })
    expect(unpromoted.current).not.toBe(unpromoted.row.secretVersionId)
    const after = await recovered('D00003')
    expect(after).toEqual({ ...unpromoted, current: after.row.secretVersionId })
  })

  it('F95: with keys that are nowhere else: the job comes to another, and the secret key gets new ones', async () => {
    expect(unwritten.row).toMatchObject({ status: 'ACTIVE', generation: 1 })
    expect(unwritten.versions).toEqual([unwritten.row.secretVersionId])
    const after = await recovered('D00001')
    expect(after.requestKey).not.toBe(unwritten.requestKey)
    expect(after.versions).toEqual([unwritten.row.secretVersionId, after.row.secretVersionId])
  })

  it('F95, C30: with keys that are stored, and no row points to them: they are not used, others are got', async () => {
    expect(unsaved.row).toMatchObject({ status: 'ACTIVE', generation: 1 })
    expect(unsaved.versions).toHaveLength(2)
    expect(unsaved.current).toBe(unsaved.row.secretVersionId)
    const after = await recovered('D00002')
    expect(after.requestKey).not.toBe(unsaved.requestKey)
    expect(after.versions).toEqual([...unsaved.versions, after.row.secretVersionId])
  })

  it('F95: the keys that died of a refresh were tried once, and each was followed by the secret key', () => {
    expect(grantsBefore).toMatchObject({ authorization_code: 3, refresh_key: 3, request_key: 0 })
    expect(grants()).toMatchObject({ authorization_code: 3, refresh_key: 5, request_key: 2 })
  })
})
