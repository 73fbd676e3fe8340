import type { KeyPair, Practice } from '../practice.ts'

/** The keys of a connected practice. */
export interface PracticeKeys extends Practice, KeyPair {
  tokenExpiry: Date
}
