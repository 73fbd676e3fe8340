import type { Redacted } from './config/redacted.ts'

/** What opens a practice's data for a while, and what renews it. */
export interface KeyPair {
  requestKey: Redacted
  refreshKey: Redacted | undefined
}

/** Keys that Sikka has granted. */
export interface Grant extends KeyPair {
  /** the office that authorised us, or `unreadableOffice`; Sikka may leave it out */
  issuedTo: string | undefined
  /** where Sikka has not named the office: those that it listed for these keys, so far as they were read */
  listed?: readonly string[] | undefined
  expiresAt: Date
}

/** A practice at Sikka. */
export interface Practice {
  officeId: string
  /** as Sikka writes it, where that differs: this form stands in the secret (A11) */
  writtenOfficeId?: string | undefined
  /** gets new keys without the user, for as long as the practice lets us */
  secretKey: Redacted
  /** "1" or "1-1"; not unique across offices */
  practiceId: string
  practiceName: string
  pmsType: string
}
