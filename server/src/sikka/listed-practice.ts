import { Redacted } from '../config/redacted.ts'
import { readOfficeId } from '../office-id.ts'
import type { Practice } from '../practice.ts'
import { writtenId } from './office-id.ts'
import { recordIn } from './read-json.ts'

/** One practice of `GET /v4/authorized_practices`, which may list other users' too. */
export interface PracticeInList extends Practice {
  city?: string | undefined
  state?: string | undefined
}

/** An item of the list; `practice` is missing where the item lacks what is needed to use it. */
export interface ListedPractice {
  officeId: string | undefined
  practice: PracticeInList | undefined
}

/** Longest name that is shown, characters; and that is looked at, UTF-16 units. */
const longestName = 200
const longestRead = 1_000

/**
 * Reads one item, by hand: a schema's report of what is wrong with each of 1,000 bad items would stall the server for
 * longer than parsing them (A7).
 */
export function readListedPractice(item: unknown): ListedPractice {
  const fields = recordIn(item) ?? {}
  const written = writtenId(fields['office_id'])
  if (written === undefined) return { officeId: undefined, practice: undefined }
  const office = readOfficeId(written)
  const secretKey = secretKeyIn(fields['secret_key'])
  const practiceId = isAbsent(fields['practice_id']) ? '1' : writtenId(fields['practice_id'])
  if (secretKey === undefined || practiceId === undefined) return { officeId: office.officeId, practice: undefined }
  const practice: PracticeInList = {
    ...office,
    secretKey,
    practiceId,
    practiceName: nameIn(fields['practice_name']) ?? 'Practice',
    // The documented name first; the brief has the other (sikka-api).
    pmsType: nameIn(fields['practice_management_system']) ?? nameIn(fields['pms_type']) ?? 'Unknown',
    city: nameIn(fields['city']),
    state: nameIn(fields['state']),
  }
  return { officeId: office.officeId, practice }
}

/** Left out, `null`, `""` or blank (sikka-api, Errors). */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

/** @returns undefined for what no header takes */
function secretKeyIn(value: unknown): Redacted | undefined {
  const key = typeof value === 'string' ? value.trim() : ''
  return /^[\x21-\x7e]{1,512}$/.test(key) ? new Redacted(key) : undefined
}

/**
 * What is shown of a name. Control and direction characters would let it pose as something else; joiners belong to
 * the spelling of Persian and of Indian languages (A8). A database takes no half of a character.
 * @returns undefined where nothing of it can be seen
 */
function nameIn(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') return undefined
  const wellFormed = text.trimStart().slice(0, longestRead).toWellFormed()
  const clean = wellFormed.replace(/[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\u200c\u200d]]+/gv, ' ').trim()
  const name = Array.from(clean).slice(0, longestName).join('')
  return /[^\s\p{Cf}]/u.test(name) ? name : undefined
}
