import { describe, expect, it } from 'vitest'
import { allIsHeard, holdUntilNews, isFromMemory, lookUp, pulse, told } from './harness/asking.ts'
import { stage } from './harness/stage.ts'
import { until } from './harness/until.ts'
import { connect } from './harness/visit.ts'

const on = stage()

const ask = () => told(on.system, on.person)
const isRemembered = () => isFromMemory(on.system.lines.database, ask)
const accountId = async () => (await on.person.client.account.current.query()).accountId
const setStatus = (status: 'ACTIVE' | 'INACTIVE') => on.system.db.pmsIntegration.updateMany({ data: { status } })
const listeners = () =>
  on.system.db.$queryRaw<{ pid: number; query: string }[]>`
    SELECT pid, query FROM pg_stat_activity
    WHERE application_name = 'pms-notices' AND datname = current_database()`
const endListening = () =>
  on.system.db.$queryRaw`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'pms-notices' AND datname = current_database()`

/** A connected person whose status is remembered. */
async function connected(): Promise<void> {
  await connect(on.person)
  await allIsHeard(on.system)
  await until(isRemembered)
}

/** Nobody can listen from now on. @returns when the server knows */
async function loseNotices(): Promise<void> {
  const { database } = on.system.lines
  database.set({ kind: 'reset', when: 'LISTEN pms_changes' })
  await endListening()
  await database.struck()
}

describe('while nobody can listen', () => {
  it('what was changed before that was known is told', async () => {
    await connected()
    on.system.lines.database.set({ kind: 'reset', when: 'LISTEN pms_changes' })
    await endListening()
    await setStatus('INACTIVE')
    await on.system.lines.database.struck()
    expect(await ask()).toBe('pending')
  })

  it('every change is told to whoever asks next', async () => {
    await connected()
    await loseNotices()
    for (let round = 0; round < 10; round++) {
      await setStatus('INACTIVE')
      expect(await ask()).toBe('pending')
      await setStatus('ACTIVE')
      expect(await ask()).toBe('connected')
    }
  })

  it('an account that is deleted is a new one to whoever asks next', async () => {
    await connected()
    await loseNotices()
    const before = await accountId()
    await on.system.db.account.deleteMany()
    expect(await accountId()).not.toBe(before)
    expect(await ask()).toBe('pending')
  })

  it('an account that is deleted is a new one also to whoever asks when somebody listens again', async () => {
    await connected()
    const before = await accountId()
    await loseNotices()
    await on.system.db.account.deleteMany()
    const other = await on.system.newPerson()
    await until(() => isFromMemory(on.system.lines.database, () => told(on.system, other)))
    expect(await accountId()).not.toBe(before)
  })

  it('nothing is remembered; it is again when somebody listens, and what was changed in between is told', async () => {
    await connected()
    await loseNotices()
    expect(await ask()).toBe('connected')
    await setStatus('INACTIVE')
    expect(await isRemembered()).toBe(false)
    // It is healed now.
    await until(isRemembered)
    expect(await ask()).toBe('pending')
    const { news } = await holdUntilNews(on.person)
    await setStatus('ACTIVE')
    expect(await news).toMatchObject({ status: 'connected' })
    expect(await ask()).toBe('connected')
  })

  it('I12: a look-up that has begun is not remembered when its answer comes as somebody listens again', async () => {
    await connected()
    const { database } = on.system.lines
    database.set({ kind: 'hang_answer', when: lookUp, times: 1 })
    const [before] = await listeners()
    await endListening()
    await until(() => on.system.log.some((line) => line.includes('change notices lost')))
    const late = on.person.client.pms.connectionStatus.query()
    await database.struck()
    await setStatus('INACTIVE')
    await until(async () => {
      const [now] = await listeners()
      return now !== undefined && now.pid !== before?.pid && now.query.includes(pulse)
    })
    await allIsHeard(on.system)
    database.heal()
    expect(await late).toMatchObject({ status: 'connected' })
    expect(await ask()).toBe('pending')
  })
})

/** Milliseconds for which memory is trusted after a pulse was sent; and so much of them is over at the next one. */
const [trust, sentBefore] = [2_000, 500]

it('I12: a connection that is silent and does not say so is trusted for two seconds after its last pulse', async () => {
  await connected()
  const { database } = on.system.lines
  // The second one from now, so that the one before it was sent half a second ago, and has come back.
  database.set({ kind: 'hang', when: `${pulse}[^]*${pulse}` })
  await database.struck()
  const silentSince = performance.now() - sentBefore
  await setStatus('INACTIVE')
  let lastOld = 0
  for (;;) {
    const askedAt = performance.now()
    if ((await ask()) === 'pending') break
    lastOld = askedAt
  }
  // Ten milliseconds, by which a timer may be early.
  expect(lastOld - silentSince).toBeLessThan(trust + 10)
  database.heal()
  await until(isRemembered)
  expect(await ask()).toBe('pending')
})

describe('a look-up during which the status changes', () => {
  it.each([
    ['who asks before its answer has come is told of the change, and so is who asks afterwards', true],
    ['is not remembered when its answer comes at last', false],
  ])('I12: %s', async (_, isAskedMeanwhile) => {
    await connect(on.person)
    const other = await on.system.newPerson()
    await connect(other, 'D00003')
    await allIsHeard(on.system)
    const own = await accountId()
    const { news } = await holdUntilNews(other)
    const { database } = on.system.lines
    database.set({ kind: 'hang_answer', when: lookUp, times: 1 })
    const late = on.person.client.pms.connectionStatus.query()
    await database.struck()
    await on.system.db.pmsIntegration.updateMany({ where: { accountId: own }, data: { status: 'INACTIVE' } })
    // Heard of later than the change before.
    await on.system.db.pmsIntegration.updateMany({ where: { status: 'ACTIVE' }, data: { status: 'INACTIVE' } })
    expect(await news).toMatchObject({ status: 'pending' })
    const saidMeanwhile = isAskedMeanwhile ? await ask() : 'nothing'
    expect(saidMeanwhile).toBe(isAskedMeanwhile ? 'pending' : 'nothing')
    expect(database.strikes).toBe(1)
    database.heal()
    // It was asked before the change.
    expect(await late).toMatchObject({ status: 'connected' })
    expect(await ask()).toBe('pending')
    await until(isRemembered)
    expect(await ask()).toBe('pending')
  })
})
