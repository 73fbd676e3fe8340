/** Reserves an office for one attempt while its secret is written. */
import type { IntegrationStatus } from '@pms/prisma/client'
import * as z from 'zod'
import { isHeldBy, newLease, type Held } from './attempt-sql.ts'
import type { Replaced } from './choices.ts'
import type { Db, Statements, Store } from './store.ts'
import { isUniqueViolation } from './unique-violation.ts'

/**
 * `busy`: another attempt is storing for this account or office right now; retry soon.
 * `taken`: the office is another account's. `unproven`: it once was, and Sikka has not named it.
 * `lost`: this worker no longer holds the attempt.
 */
type Reservation = { secretArn: string | undefined } | 'busy' | 'taken' | 'unproven' | 'lost' | { replaces: Replaced }

class ReservationRefused extends Error {
  readonly reservation: Reservation

  constructor(reservation: Reservation) {
    super('The office cannot be reserved')
    this.reservation = reservation
  }
}

const Metadata = z.object({ practiceName: z.string(), secretArn: z.string() })

/**
 * Reserves the office for this attempt: one attempt per account and per office at a time. Refuses another account's
 * office, and replaces no office but `mayReplace`.
 * @param isNamed whether Sikka has named the office; if not, it must never have been another account's either
 * @returns when reserved: ARN of the account's existing secret, whatever its row's status
 */
export async function reserveOffice(
  { db }: Store,
  attempt: Held,
  officeId: string,
  mayReplace: string | undefined,
  isNamed = false,
): Promise<Reservation> {
  try {
    return await db.$transaction(async (tx) => {
      if (!(await startStoring(tx, attempt, officeId))) throw new ReservationRefused('lost')
      // Read after the reservation: any earlier one of this office has committed by now.
      const others = await holders(tx, attempt.accountId, officeId)
      // Before this account's own, whatever the row order: do not ask a user about an unavailable practice.
      if (others.some((other) => other.accountId !== attempt.accountId)) throw new ReservationRefused('taken')
      const isForeign = !isNamed && (await isForeignOffice(tx, attempt.accountId, [officeId]))
      if (isForeign) throw new ReservationRefused('unproven')
      const [own] = others
      if (!own) return { secretArn: undefined }
      const { practiceName, secretArn } = Metadata.parse(own.metadata)
      const isReplaced = own.status !== 'INACTIVE' && own.officeId !== officeId && own.officeId !== mayReplace
      if (isReplaced) throw new ReservationRefused({ replaces: { officeId: own.officeId, practiceName } })
      return { secretArn }
    })
  } catch (error) {
    if (error instanceof ReservationRefused) return error.reservation
    if (isUniqueViolation(error)) return 'busy'
    throw error
  }
}

/** Idempotent. @returns false when this worker no longer holds the attempt */
async function startStoring(tx: Db, attempt: Held, officeId: string): Promise<boolean> {
  const stored = await tx.$executeRaw`
    UPDATE pms_connection_attempts SET status = 'STORING', "officeId" = ${officeId}, "leaseUntil" = ${newLease}
    WHERE ${isHeldBy(attempt)} AND (status = 'KEYS_RECEIVED' OR (status = 'STORING' AND "officeId" = ${officeId}))`
  return stored === 1
}

/** Other accounts' active integrations of this office, and this account's own, of any status. */
async function holders(tx: Db, accountId: string, officeId: string) {
  return tx.$queryRaw<{ accountId: string; officeId: string; status: IntegrationStatus; metadata: unknown }[]>`
    SELECT "accountId", "officeId", status, metadata FROM pms_integrations
    WHERE provider = 'SIKKA' AND ("officeId" = ${officeId} AND status = 'ACTIVE' AND "accountId" <> ${accountId}::uuid
      OR "accountId" = ${accountId}::uuid)`
}

/** Whether one of these offices is, or ever was, another account's. */
export async function isAnyOfOthers(
  { db }: Statements,
  accountId: string,
  officeIds: readonly string[],
): Promise<boolean> {
  return isForeignOffice(db, accountId, officeIds)
}

async function isForeignOffice(db: Db, accountId: string, officeIds: readonly string[]): Promise<boolean> {
  const found = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM pms_office_owners
    WHERE provider = 'SIKKA' AND "accountId" <> ${accountId}::uuid AND "officeKey" IN (
      SELECT pms_office_key(value) FROM json_array_elements_text(${JSON.stringify(officeIds)}::json))
    LIMIT 1`
  return found.length > 0
}
