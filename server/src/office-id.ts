/**
 * Sikka may write the same office in another case or with blanks around it (F43). Ids are compared, and stored where
 * they have to be unique, in one form; Sikka is sent what it wrote, in case it tells upper from lower case (A11).
 * @returns the form to compare, and the written one where that differs
 */
export function readOfficeId(written: string): { officeId: string; writtenOfficeId?: string } {
  const id = written.trim()
  const officeId = id.toUpperCase()
  return id === officeId ? { officeId } : { officeId, writtenOfficeId: id }
}

/**
 * Stands for an office that Sikka has named (`issued_to`) in a way that cannot be read: equal to no office, so that the
 * keys are taken neither for the office that is listed nor for the one that is connected.
 */
export const unreadableOffice = ''
