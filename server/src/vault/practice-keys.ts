import type { Redacted } from '../config/redacted.ts'

/** The keys of a connected practice. */
export interface PracticeKeys {
  officeId: string
  /** as Sikka writes it, where that differs: this form stands in the secret (A11) */
  writtenOfficeId?: string | undefined
  secretKey: Redacted
  requestKey: Redacted
  refreshKey: Redacted | undefined
  tokenExpiry: Date
  practiceName: string
  practiceId: string
  pmsType: string
}

/** Keys that belong to no connected practice: the user has to choose one, or they still have to be revoked. */
export interface Grant {
  requestKey: Redacted
  refreshKey: Redacted | undefined
  issuedTo: string | undefined
  /** where Sikka has not named the office: those that it listed for these keys, so far as they were read */
  listed?: readonly string[] | undefined
  expiresAt: Date
}
