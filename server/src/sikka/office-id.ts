import * as z from 'zod'
import { readOfficeId } from '../office-id.ts'

/** What Sikka calls something: printable, without blanks, of any length that an index takes. */
const printableId = /^[\x21-\x7e]{1,64}$/

/**
 * An id as Sikka writes it, without blanks around it.
 * @returns undefined for anything else; a number that JSON cannot hold exactly is none
 */
export function writtenId(value: unknown): string | undefined {
  const text = Number.isSafeInteger(value) ? String(value) : value
  const id = typeof text === 'string' ? text.trim() : ''
  return printableId.test(id) ? id : undefined
}

/** An office id in the form in which it is compared. */
export const OfficeId = z.unknown().transform((value, context) => {
  const written = writtenId(value)
  if (written !== undefined) return readOfficeId(written).officeId
  context.addIssue('not an office id')
  return z.NEVER
})
