import { randomBytes, randomUUID } from 'node:crypto'
import { Prisma, type PrismaClient } from '@pms/prisma/client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../sandbox/postgres/database.ts'
import { accountsIn } from '../src/store/accounts.ts'
import type { Held } from '../src/store/attempt-sql.ts'
import { overdueChoice } from '../src/store/end-attempt.ts'
import { end } from '../src/store/ended-attempts.ts'
import type { Attempts, Integrations, Work } from '../src/store/open-store.ts'
import { takeOver } from '../src/store/work.ts'
import { freshDatabase } from './harness/fresh-database.ts'
import { openStores, type OpenStores } from './harness/open-stores.ts'

let database: Database
let db: PrismaClient
let accountId: string
let otherAccountId: string
let parts: OpenStores
let attempts: Attempts
let work: Work
let integrations: Integrations

beforeAll(async () => {
  database = await freshDatabase()
  parts = await openStores(database.url)
  ;({ db, attempts, work, integrations } = parts)
})

afterAll(async () => {
  await parts[Symbol.asyncDispose]()
  await database.drop()
})

beforeEach(async () => {
  const accounts = accountsIn(db)
  const subject = () => randomBytes(8).toString('base64url')
  accountId = await accounts.idOf({ issuer: 'https://auth.example.com', subject: subject() })
  otherAccountId = await accounts.idOf({ issuer: 'https://auth.example.com', subject: subject() })
})

const bytes = () => Uint8Array.from(randomBytes(32))
const requestId = 'request-1'
const claim = { to: 'CODE_RECEIVED' } as const

async function createAttempt(account = accountId) {
  const key = { accountId: account, nonceHash: bytes(), browserHash: bytes(), requestId }
  return { key, ...(await attempts.create({ ...key, id: randomUUID() })) }
}

/** An attempt that has its keys, as `complete-attempt` leaves it before it stores. */
async function attemptWithKeys(account = accountId) {
  const { key } = await createAttempt(account)
  const taken = await attempts.take(key, claim)
  if (!taken) throw new Error('The attempt was not taken')
  const held = { ...taken, accountId: account }
  await work.startExchange(held)
  await work.recordKeys(held)
  return held
}

async function reserve(held: Held, officeId: string, mayReplace?: string) {
  const reservation = await work.reserveOffice(held, officeId, mayReplace)
  return typeof reservation === 'object' && 'secretArn' in reservation ? 'reserved' : reservation
}

/** Its worker is heard of no more. */
const letLeaseEnd = ({ id }: Held) =>
  db.$executeRaw`UPDATE pms_connection_attempts SET "leaseUntil" = now() WHERE id = ${id}::uuid`

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
  isSettled: true,
  tokenExpiresAt: new Date('2030-01-01T00:00:00Z'),
})

describe('an account', () => {
  it('is made once, of 20 first calls at the same time', async () => {
    const identity = { issuer: 'https://auth.example.com', subject: randomBytes(8).toString('base64url') }
    const ids = await Promise.all(Array.from({ length: 20 }, () => accountsIn(db).idOf(identity)))
    expect(new Set(ids).size).toBe(1)
  })

  it('belongs to issuer and subject together', async () => {
    const subject = randomBytes(8).toString('base64url')
    const one = await accountsIn(db).idOf({ issuer: 'https://one.example.com', subject })
    expect(await accountsIn(db).idOf({ issuer: 'https://two.example.com', subject })).not.toBe(one)
  })
})

describe('taking an attempt', () => {
  it('AT13, F22: is given to one of 50 at the same time, with one audit event', async () => {
    const { key, id } = await createAttempt()
    const taken = await Promise.all(Array.from({ length: 50 }, () => attempts.take(key, claim)))
    expect(taken.filter(Boolean)).toEqual([{ id, leaseToken: 1 }])
    expect(await events(id)).toEqual(['STARTED', 'AUTHORIZED'])
  })

  it('AT1: is refused to another browser, another account and another nonce, and then given to the right one', async () => {
    const { key, id } = await createAttempt()
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
    expect((await attempts.take(key, claim)) !== undefined).toBe(isTaken)
  })

  it('lasts ten minutes by the clock of the database', async () => {
    const { createdAt, expiresAt } = await createAttempt()
    expect(expiresAt.getTime() - createdAt.getTime()).toBe(600_000)
  })

  it('F17: as denied ends it, and takes no other attempt or connection with it', async () => {
    const { key, id } = await createAttempt()
    const other = await createAttempt()
    await attempts.take(key, { to: 'CANCELLED', errorCode: 'ACCESS_DENIED' })
    expect(await row(id)).toMatchObject({
      status: 'CANCELLED',
      errorCode: 'ACCESS_DENIED',
      finishedAt: expect.any(Date),
    })
    expect((await row(other.id)).status).toBe('CREATED')
    expect(await attempts.take(key, claim)).toBeUndefined()
  })

  it('keeps the first answer for every later one', async () => {
    const { id } = await createAttempt()
    const answers = await Promise.all([attempts.answerOnce(id, 'CONNECTING'), attempts.answerOnce(id, 'FAILED')])
    expect(new Set(answers).size).toBe(1)
    expect(await attempts.answerOnce(id, 'DENIED')).toBe(answers[0])
  })
})

describe('reserving an office', () => {
  it('AT12: is refused when it is another account’s, and leaves that one as it was', async () => {
    const office = newOffice()
    const mine = await attemptWithKeys()
    expect(await reserve(mine, office)).toBe('reserved')
    expect(await integrations.activate(mine, practice(office), requestId)).toBe('active')
    const before = await db.pmsIntegration.findFirstOrThrow({ where: { officeId: office } })

    const theirs = await attemptWithKeys(otherAccountId)
    expect(await reserve(theirs, office)).toBe('taken')
    expect((await row(theirs.id)).status).toBe('KEYS_RECEIVED')
    expect(await db.pmsIntegration.findMany({ where: { officeId: office } })).toEqual([before])
  })

  it('F47: of another office than the connected one is refused until it is confirmed', async () => {
    const first = await attemptWithKeys()
    const office = newOffice()
    await reserve(first, office)
    await integrations.activate(first, practice(office), requestId)
    const replaces = { officeId: office, practiceName: 'Happy Dental Clinic' }
    const other = await attemptWithKeys()
    expect(await reserve(other, newOffice())).toEqual({ replaces })
    expect((await row(other.id)).status).toBe('KEYS_RECEIVED')
    expect(await reserve(other, newOffice(), 'D9')).toEqual({ replaces })
    const agreed = newOffice()
    expect(await reserve(other, agreed, office)).toBe('reserved')
    await integrations.activate(other, practice(agreed), requestId)
    await integrations.activate(first, practice(office), requestId)
    expect(await db.pmsIntegration.findMany({ where: { accountId }, select: { officeId: true } })).toEqual([
      { officeId: agreed },
    ])
  })

  it('AT12: is refused before anybody is asked whether it may replace the connected one', async () => {
    const [own, theirs, once] = [newOffice(), newOffice(), newOffice()]
    const other = await attemptWithKeys(otherAccountId)
    for (const office of [once, theirs]) {
      const attempt = office === once ? other : await attemptWithKeys(otherAccountId)
      await reserve(attempt, office, once)
      await integrations.activate(attempt, practice(office), requestId)
    }
    const first = await attemptWithKeys()
    await reserve(first, own)
    await integrations.activate(first, practice(own), requestId)
    expect(await reserve(await attemptWithKeys(), theirs)).toBe('taken')
    expect(await work.reserveOffice(await attemptWithKeys(), once, undefined, false)).toBe('unproven')
    const replaces = { officeId: own, practiceName: 'Happy Dental Clinic' }
    expect(await work.reserveOffice(await attemptWithKeys(), once, undefined, true)).toEqual({ replaces })
  })

  it('F47: of the connected office again needs no confirmation', async () => {
    const first = await attemptWithKeys()
    const office = newOffice()
    await reserve(first, office)
    await integrations.activate(first, practice(office), requestId)
    expect(await reserve(await attemptWithKeys(), office)).toBe('reserved')
  })

  it('F46: is given to one of two accounts that come at once; the other waits, and is then refused', async () => {
    const office = newOffice()
    const [one, two] = [await attemptWithKeys(), await attemptWithKeys(otherAccountId)]
    const reservations = await Promise.all([one, two].map((each) => reserve(each, office)))
    expect(new Set(reservations)).toEqual(new Set(['busy', 'reserved']))
    const [winner, loser] = reservations[0] === 'reserved' ? [one, two] : [two, one]
    await integrations.activate(winner, practice(office), requestId)
    expect(await reserve(loser, office)).toBe('taken')
  })

  it('lets one attempt of an account store at a time', async () => {
    const office = newOffice()
    const [one, two] = [await attemptWithKeys(), await attemptWithKeys()]
    expect(await reserve(one, office)).toBe('reserved')
    expect(await reserve(two, office)).toBe('busy')
    await integrations.activate(one, practice(office), requestId)
    expect(await reserve(two, office)).toBe('reserved')
  })

  it('F85: is taken over when its lease is over, and nothing the former holder does has an effect', async () => {
    const office = newOffice()
    const dead = await attemptWithKeys()
    await reserve(dead, office)
    expect(await work.takeOver(dead)).toBeUndefined()
    await letLeaseEnd(dead)
    const next = await work.takeOver(dead)
    expect(next).toMatchObject({ id: dead.id, leaseToken: 2, status: 'STORING', officeId: office })
    if (!next) return
    expect(await work.takeOver(dead)).toBeUndefined()
    expect(await work.renewLease(dead)).toBe(false)
    expect(await integrations.activate(dead, practice(office), requestId)).toBe('lost')
    expect(await work.fail(dead, 'INTERNAL', requestId)).toBe(false)
    expect(await db.pmsIntegration.count({ where: { officeId: office } })).toBe(0)
    expect(await integrations.activate(next, practice(office), requestId)).toBe('active')
  })
})

describe('who ever had an office', () => {
  const owners = (office: string) =>
    db.pmsOfficeOwner.findMany({ where: { officeKey: office.toUpperCase() }, select: { accountId: true } })

  /** Connected by the other account, and disconnected since. */
  async function hadByOther(office: string): Promise<void> {
    const theirs = await attemptWithKeys(otherAccountId)
    await reserve(theirs, office)
    expect(await integrations.activate(theirs, practice(office), requestId)).toBe('active')
    await integrations.disconnect(otherAccountId, requestId)
  }

  it('T2: is kept by the commit that makes it ACTIVE, once, and by none that does not', async () => {
    const office = newOffice()
    const mine = await attemptWithKeys()
    await reserve(mine, office)
    expect(await owners(office)).toEqual([])
    await integrations.activate(mine, practice(office), requestId)
    await integrations.activate(mine, practice(office), requestId)
    expect(await owners(office)).toEqual([{ accountId }])
    const theirs = await attemptWithKeys(otherAccountId)
    await reserve(theirs, newOffice())
    expect(await integrations.activate(theirs, practice(office), requestId)).toBe('taken')
    expect(await owners(office)).toEqual([{ accountId }])
  })

  it('T2: outlives a disconnect, a replacement and the account', async () => {
    const office = newOffice()
    await hadByOther(office)
    const next = await attemptWithKeys(otherAccountId)
    const other = newOffice()
    await reserve(next, other, office)
    await integrations.activate(next, practice(other), requestId)
    await db.account.delete({ where: { id: otherAccountId } })
    for (const each of [office, other]) expect(await owners(each)).toEqual([{ accountId: otherAccountId }])
  })

  it('T2: is asked in any spelling, and only of others', async () => {
    const office = newOffice()
    await hadByOther(office)
    for (const spelled of [office, office.toLowerCase(), ` ${office.toUpperCase()} `]) {
      expect(await work.isAnyOfOthers(accountId, [newOffice(), spelled])).toBe(true)
      expect(await work.isAnyOfOthers(otherAccountId, [spelled])).toBe(false)
    }
    expect(await work.isAnyOfOthers(accountId, [newOffice()])).toBe(false)
    expect(await work.isAnyOfOthers(accountId, [])).toBe(false)
  })

  it('T1: is read again when the office is reserved: unproven unless Sikka has named it', async () => {
    const office = newOffice()
    await hadByOther(office)
    const mine = await attemptWithKeys()
    expect(await work.reserveOffice(mine, office, undefined, false)).toBe('unproven')
    expect((await row(mine.id)).status).toBe('KEYS_RECEIVED')
    expect(await work.reserveOffice(mine, office, undefined, true)).toEqual({ secretArn: undefined })
  })

  it.each(['UPDATE pms_office_owners SET at = now()', 'DELETE FROM pms_office_owners', 'TRUNCATE pms_office_owners'])(
    'T2: refuses %s',
    async (statement) => {
      const office = newOffice()
      await hadByOther(office)
      await expect(db.$executeRawUnsafe(statement)).rejects.toThrow('append only')
      expect(await owners(office)).toHaveLength(1)
    },
  )
})

describe('a lease', () => {
  it('F86: that is over is taken by one of 20 at the same time', async () => {
    const dead = await attemptWithKeys()
    await letLeaseEnd(dead)
    const taken = await Promise.all(Array.from({ length: 20 }, () => work.takeOver(dead)))
    expect(taken.filter(Boolean)).toHaveLength(1)
  })

  it('that is renewed is not to be had', async () => {
    const held = await attemptWithKeys()
    await letLeaseEnd(held)
    expect(await work.renewLease(held)).toBe(true)
    expect(await work.takeOver(held)).toBeUndefined()
  })

  it('F83: that is handed back is to be had at once', async () => {
    const held = await attemptWithKeys()
    await work.handBack(held)
    expect(await work.takeOver(held)).toMatchObject({ id: held.id })
  })

  it('helps nobody past the deadline of the attempt: then it can only be ended, once', async () => {
    const held = await attemptWithKeys()
    await db.$executeRaw`UPDATE pms_connection_attempts SET "deadline" = now() - interval '10 seconds' WHERE id = ${held.id}::uuid`
    expect(await work.renewLease(held)).toBe(false)
    expect(await reserve(held, newOffice())).toBe('lost')
    expect(await work.takeOver(held)).toBeUndefined()
    await Promise.all([work.failOverdue(held.id), work.failOverdue(held.id)])
    expect(await row(held.id)).toMatchObject({ status: 'FAILED', errorCode: 'INTERRUPTED' })
    expect(await events(held.id)).toEqual(['STARTED', 'AUTHORIZED', 'FAILED'])
  })

  const isTakenOver = async (tx: Prisma.TransactionClient, id: string) =>
    (await takeOver({ db: tx }, { id, accountId })) !== undefined
  const isExpired = async (tx: Prisma.TransactionClient, id: string) =>
    (await end(tx, overdueChoice(id), { status: 'EXPIRED', errorCode: 'EXPIRED', requestId: undefined })).length === 1

  it.each([
    ['a lease', Prisma.sql`"leaseUntil" = now()`, isTakenOver],
    [
      '120 seconds of an older version',
      Prisma.sql`"leaseUntil" = NULL, "deadline" = NULL,
      "claimedAt" = now() - interval '120 seconds'`,
      isTakenOver,
    ],
    ['a choice', Prisma.sql`status = 'CHOOSING', "deadline" = now()`, isExpired],
  ])('F87: %s that ends now has ended, whatever part of a millisecond it is', async (_, change, look) => {
    const { id } = await attemptWithKeys()
    const found: boolean[] = []
    // In one transaction all is done at the same microsecond; half of them are rounded up.
    for (let times = 0; times < 20; times++) {
      const over = db.$transaction(async (tx) => {
        await tx.$executeRaw`UPDATE pms_connection_attempts SET ${change} WHERE id = ${id}::uuid`
        found.push(await look(tx, id))
        throw new Error('rolled back')
      })
      await expect(over).rejects.toThrow('rolled back')
    }
    expect(found).toEqual(Array.from({ length: 20 }, () => true))
  })

  it('F87: is taken over from an older version, which has none, after its 120 seconds', async () => {
    const held = await attemptWithKeys()
    const asOldVersion = (seconds: number) => db.$executeRaw`
      UPDATE pms_connection_attempts SET "deadline" = NULL, "leaseUntil" = NULL, "leaseToken" = 0,
        "claimedAt" = now() - make_interval(secs => ${seconds}) WHERE id = ${held.id}::uuid`
    await asOldVersion(119)
    expect(await work.takeOver(held)).toBeUndefined()
    await asOldVersion(120)
    expect(await work.takeOver(held)).toMatchObject({ id: held.id, leaseToken: 1 })
  })
})

describe('the exchange', () => {
  it('I3: is begun once, of 20 times at once, and not after a crash', async () => {
    const { key } = await createAttempt()
    const taken = await attempts.take(key, claim)
    if (!taken) throw new Error('The attempt was not taken')
    const held = { ...taken, accountId }
    const begun = await Promise.all(Array.from({ length: 20 }, () => work.startExchange(held)))
    expect(begun.filter(Boolean)).toHaveLength(1)
    await letLeaseEnd(held)
    const next = await work.takeOver(held)
    expect(next && (await work.startExchange(next))).toBe(false)
  })
})

describe('activating', () => {
  it('F66, I2, C37: makes one office ACTIVE for one account alone, even past a reservation', async () => {
    const office = newOffice()
    const [one, two] = [await attemptWithKeys(), await attemptWithKeys(otherAccountId)]
    await reserve(one, office)
    await reserve(two, newOffice())
    const outcomes = await Promise.all(
      [one, two].map((each) => integrations.activate(each, practice(office), requestId)),
    )
    expect(outcomes.toSorted()).toEqual(['active', 'taken'])
    expect(await db.pmsIntegration.count({ where: { officeId: office, status: 'ACTIVE' } })).toBe(1)
  })

  it('ends the attempt and keeps the row’s identity at a reconnect', async () => {
    const office = newOffice()
    const ids: string[] = []
    for (const attempt of [await attemptWithKeys(), await attemptWithKeys()]) {
      await reserve(attempt, office)
      await integrations.activate(attempt, practice(office), requestId)
      ids.push((await db.pmsIntegration.findFirstOrThrow({ where: { officeId: office } })).id)
      expect((await row(attempt.id)).status).toBe('COMPLETED')
      expect(await events(attempt.id)).toEqual(['STARTED', 'AUTHORIZED', 'CONNECTED'])
    }
    expect(new Set(ids).size).toBe(1)
  })

  it('I4: a finished attempt fails no more', async () => {
    const attempt = await attemptWithKeys()
    const office = newOffice()
    await reserve(attempt, office)
    await integrations.activate(attempt, practice(office), requestId)
    expect(await work.fail(attempt, 'INTERNAL', requestId)).toBe(false)
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
