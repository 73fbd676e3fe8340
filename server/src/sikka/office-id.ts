import * as z from 'zod'
import { readOfficeId } from '../office-id.ts'

/** What Sikka calls something: printable, without blanks, of any length that an index takes. */
export const printableId = /^[\x21-\x7e]{1,64}$/

/** An id as Sikka writes it, without blanks around it. A number that JSON cannot hold exactly is none. */
export const WrittenId = z
  .union([z.string(), z.int()])
  .transform((value) => String(value).trim())
  .refine((value) => printableId.test(value))

/** An office id in the form in which it is compared. */
export const OfficeId = WrittenId.transform((written) => readOfficeId(written).officeId)
