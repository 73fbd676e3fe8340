import * as z from 'zod'

/** What Sikka calls something: printable, without blanks, of any length that an index takes. */
export const printableId = /^[\x21-\x7e]{1,64}$/

/**
 * An office id in its one normal form, so that the unique index compares like with like: Sikka may send
 * a number, blanks around it, or another case (F43).
 */
export const OfficeId = z
  .union([z.string(), z.number()])
  .transform((value) => String(value).trim().toUpperCase())
  .refine((value) => printableId.test(value))
