import * as z from 'zod'

/**
 * An office id in its one normal form, so that the unique index compares like with like: Sikka may send
 * a number, blanks around it, or another case (F43).
 */
export const OfficeId = z
  .union([z.string(), z.number()])
  .transform((value) => String(value).trim().toUpperCase())
  .refine((value) => value.length > 0 && value.length <= 64)
