/**
 * For whom a call to Sikka or Secrets Manager is made. Breakers and rate limits ask it who pays for trouble
 * (decision 16).
 */
export interface Caller {
  /** the account; trouble of one account alone is not the provider's */
  accountId: string
  /** whether a person waits for it; what nobody waits for goes last, and never closes the door for people */
  isWaitedFor: boolean
}
