import { inspect } from 'node:util'

/**
 * A secret string: it shows itself as `[redacted]` in logs, JSON, errors and templates, and gives its
 * value only to who asks for it by name.
 */
export class Redacted {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value, for the one place that sends or stores it. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[redacted]'
  }

  toJSON(): string {
    return '[redacted]'
  }

  [inspect.custom](): string {
    return '[redacted]'
  }
}
