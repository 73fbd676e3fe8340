import { randomBytes } from 'node:crypto'
import { openDatabase, type PrismaClient } from '@pms/prisma/client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../sandbox/postgres/database.ts'
import { accountStore } from '../src/store/accounts.ts'
import { attemptStore } from '../src/store/attempts.ts'
import { integrationStore } from '../src/store/integrations.ts'
import { freshDatabase } from './harness/fresh-database.ts'

let database: Database
let db: PrismaClient
let accountId: string
let otherAccountId: string

beforeAll(async () => {
  database = await freshDatabase()
  db = openDatabase(database.url)
})

afterAll(async () => {
  await db.$disconnect()
  await database.drop()
})

beforeEach(async () => {
  const accounts = accountStore(db)
  const subject = () => randomBytes(8).toString('base64url')
  accountId = await accounts.idOf({ issuer: 'https://auth.example.com', subject: subject() })
  otherAccountId = await accounts.idOf({ issuer: 'https://auth.example.com', subject: subject() })
})

const bytes = () => Uint8Array.from(randomBytes(32))
const requestId = 'request-1'
const claim = { to: 'CODE_RECEIVED' } as const

async function createAttempt(account = accountId) {
  const key = { accountId: account, nonceHash: bytes(), browserHash: bytes(), requestId }
  return { key, ...(await attemptStore(db).create(key)) }
}

/** An attempt that has its keys, as `complete-attempt` leaves it before it stores. */
async function attemptWithKeys(account = accountId) {
  const attempt = await createAttempt(account)
  await attemptStore(db).take(attempt.key, claim)
  await attemptStore(db).recordKeys(attempt.id)
  return { id: attempt.id, accountId: account }
}

const row = (id: string) => db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id } })
const events = async (attemptId: string) =>
  (await db.pmsAuditEvent.findMany({ where: { attemptId }, orderBy: { id: 'asc' } })).map((each) => each.event)
const newOffice = () => `D${randomBytes(4).toString('hex')}`
const practice = (officeId: string) => ({
  officeId,
  practiceName: 'Happy Dental Clinic',
  pmsType: 'Dentrix',
  secretArn: 'arn:demo',
  secretVersionId: 'version-demo',
  tokenExpiresAt: new Date('2030-01-01T00:00:00Z'),
})

describe('an account', () => {
  it('is made once, of 20 first calls at the same time', async () => {
    const identity = { issuer: 'https://auth.example.com', subject: randomBytes(8).toString('base64url') }
    const ids = await Promise.all(Array.from({ length: 20 }, () => accountStore(db).idOf(identity)))
    expect(new Set(ids).size).toBe(1)
  })

  it('belongs to issuer and subject together', async () => {
    const subject = randomBytes(8).toString('base64url')
    const one = await accountStore(db).idOf({ issuer: 'https://one.example.com', subject })
    expect(await accountStore(db).idOf({ issuer: 'https://two.example.com', subject })).not.toBe(one)
  })
})

describe('taking an attempt', () => {
  it('AT13, F22: is given to one of 50 at the same time, with one audit event', async () => {
    const { key, id } = await createAttempt()
    const taken = await Promise.all(Array.from({ length: 50 }, () => attemptStore(db).take(key, claim)))
    expect(taken.filter(Boolean)).toEqual([{ id, claimedAt: expect.any(Date) }])
    expect(await events(id)).toEqual(['STARTED', 'AUTHORIZED'])
  })

  it('AT1: is refused to another browser, another account and another nonce, and then given to the right one', async () => {
    const { key, id } = await createAttempt()
    const attempts = attemptStore(db)
    expect(await attempts.take({ ...key, browserHash: bytes() }, claim)).toBeUndefined()
    expect(await attempts.take({ ...key, accountId: otherAccountId }, claim)).toBeUndefined()
    expect(await attempts.take({ ...key, nonceHash: bytes() }, claim)).toBeUndefined()
    expect((await row(id)).status).toBe('CREATED')
    expect(await attempts.take(key, claim)).toMatchObject({ id })
  })

  it.each([
    ['a second before', "interval '1 second'", true],
    ['at', "interval '0'", false],
    ['a second after', "interval '-1 second'", false],
  ])('F20: %s its end by the clock of the database', async (_, left, isTaken) => {
    const { key, id } = await createAttempt()
    await db.$executeRawUnsafe(
      `UPDATE pms_connection_attempts SET "expiresAt" = now() + ${left} WHERE id = '${id}'::uuid`,
    )
    expect((await attemptStore(db).take(key, claim)) !== undefined).toBe(isTaken)
  })

  it('lasts ten minutes by the clock of the database', async () => {
    const { createdAt, expiresAt } = await createAttempt()
    expect(expiresAt.getTime() - createdAt.getTime()).toBe(600_000)
  })

  it('F17: as denied ends it, and takes no other attempt or connection with it', async () => {
    const { key, id } = await createAttempt()
    const other = await createAttempt()
    await attemptStore(db).take(key, { to: 'CANCELLED', errorCode: 'ACCESS_DENIED' })
    expect(await row(id)).toMatchObject({
      status: 'CANCELLED',
      errorCode: 'ACCESS_DENIED',
      finishedAt: expect.any(Date),
    })
    expect((await row(other.id)).status).toBe('CREATED')
    expect(await attemptStore(db).take(key, claim)).toBeUndefined()
  })

  it('keeps the first answer for every later one', async () => {
    const { id } = await createAttempt()
    const attempts = attemptStore(db)
    const answers = await Promise.all([attempts.answerOnce(id, 'CONNECTING'), attempts.answerOnce(id, 'FAILED')])
    expect(new Set(answers).size).toBe(1)
    expect(await attempts.answerOnce(id, 'DENIED')).toBe(answers[0])
  })
})

describe('reserving an office', () => {
  it('AT12: is refused when it is another account’s, and leaves that one as it was', async () => {
    const office = newOffice()
    const mine = await attemptWithKeys()
    expect(await attemptStore(db).reserveOffice(mine, office)).toBe('reserved')
    expect(await integrationStore(db).activate(mine, practice(office), requestId)).toBe('active')
    const before = await db.pmsIntegration.findFirstOrThrow({ where: { officeId: office } })

    const theirs = await attemptWithKeys(otherAccountId)
    expect(await attemptStore(db).reserveOffice(theirs, office)).toBe('taken')
    expect((await row(theirs.id)).status).toBe('KEYS_RECEIVED')
    expect(await db.pmsIntegration.findMany({ where: { officeId: office } })).toEqual([before])
  })

  it('F47: of another office than the connected one is refused until it is confirmed', async () => {
    const first = await attemptWithKeys()
    const office = newOffice()
    await attemptStore(db).reserveOffice(first, office)
    await integrationStore(db).activate(first, practice(office), requestId)
    expect(await attemptStore(db).reserveOffice(await attemptWithKeys(), newOffice())).toBe('replaces')
    expect(await attemptStore(db).reserveOffice(await attemptWithKeys(), office)).toBe('reserved')
  })

  it('F46: is given to one of two accounts that come at once; the other waits, and is then refused', async () => {
    const office = newOffice()
    const [one, two] = [await attemptWithKeys(), await attemptWithKeys(otherAccountId)]
    const reservations = await Promise.all([one, two].map((each) => attemptStore(db).reserveOffice(each, office)))
    expect(reservations.toSorted()).toEqual(['busy', 'reserved'])
    const [winner, loser] = reservations[0] === 'reserved' ? [one, two] : [two, one]
    await integrationStore(db).activate(winner, practice(office), requestId)
    expect(await attemptStore(db).reserveOffice(loser, office)).toBe('taken')
  })

  it('lets one attempt of an account store at a time', async () => {
    const office = newOffice()
    const [one, two] = [await attemptWithKeys(), await attemptWithKeys()]
    expect(await attemptStore(db).reserveOffice(one, office)).toBe('reserved')
    expect(await attemptStore(db).reserveOffice(two, office)).toBe('busy')
    await integrationStore(db).activate(one, practice(office), requestId)
    expect(await attemptStore(db).reserveOffice(two, office)).toBe('reserved')
  })

  it('is taken over from a worker that must be dead, whose writing then changes nothing', async () => {
    const office = newOffice()
    const dead = await attemptWithKeys()
    await attemptStore(db).reserveOffice(dead, office)
    await db.$executeRaw`UPDATE pms_connection_attempts SET "claimedAt" = now() - interval '121 seconds' WHERE id = ${dead.id}::uuid`
    const next = await attemptWithKeys()
    expect(await attemptStore(db).reserveOffice(next, office)).toBe('reserved')
    expect(await row(dead.id)).toMatchObject({ status: 'FAILED', errorCode: 'INTERRUPTED' })
    expect(await integrationStore(db).activate(dead, practice(office), requestId)).toBe('lost')
    expect(await db.pmsIntegration.count({ where: { officeId: office } })).toBe(0)
  })
})

describe('activating', () => {
  it('F66, C37: makes one office ACTIVE for one account alone, even past a reservation', async () => {
    const office = newOffice()
    const [one, two] = [await attemptWithKeys(), await attemptWithKeys(otherAccountId)]
    await attemptStore(db).reserveOffice(one, office)
    await attemptStore(db).reserveOffice(two, newOffice())
    const outcomes = await Promise.all(
      [one, two].map((each) => integrationStore(db).activate(each, practice(office), requestId)),
    )
    expect(outcomes.toSorted()).toEqual(['active', 'taken'])
    expect(await db.pmsIntegration.count({ where: { officeId: office, status: 'ACTIVE' } })).toBe(1)
  })

  it('ends the attempt and keeps the row’s identity at a reconnect', async () => {
    const office = newOffice()
    const ids: string[] = []
    for (const attempt of [await attemptWithKeys(), await attemptWithKeys()]) {
      await attemptStore(db).reserveOffice(attempt, office)
      await integrationStore(db).activate(attempt, practice(office), requestId)
      ids.push((await db.pmsIntegration.findFirstOrThrow({ where: { officeId: office } })).id)
      expect((await row(attempt.id)).status).toBe('COMPLETED')
      expect(await events(attempt.id)).toEqual(['STARTED', 'AUTHORIZED', 'CONNECTED'])
    }
    expect(new Set(ids).size).toBe(1)
  })

  it('I4: a finished attempt fails no more', async () => {
    const attempt = await attemptWithKeys()
    const office = newOffice()
    await attemptStore(db).reserveOffice(attempt, office)
    await integrationStore(db).activate(attempt, practice(office), requestId)
    expect(await attemptStore(db).fail(attempt.id, 'INTERNAL', requestId)).toBe(false)
    expect((await row(attempt.id)).status).toBe('COMPLETED')
  })
})

describe('the audit', () => {
  it.each(['UPDATE pms_audit_events SET code = NULL', 'DELETE FROM pms_audit_events', 'TRUNCATE pms_audit_events'])(
    'refuses %s',
    async (statement) => {
      const { id } = await createAttempt()
      await expect(db.$executeRawUnsafe(statement)).rejects.toThrow('append only')
      expect(await events(id)).toEqual(['STARTED'])
    },
  )
})
