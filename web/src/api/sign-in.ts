/** What the page asks of the sign-in provider. Every call may throw a {@link SignInFailure}. */
export interface SignInLibrary {
  /** Leaves for the provider's page; the state comes back with the person. */
  leave: (state: unknown) => Promise<void>
  /** Reads what the provider sent back, and keeps who has signed in. @returns the state */
  arrive: () => Promise<unknown>
  /** Exchanges the refresh token for new tokens, and keeps them. */
  renew: () => Promise<void>
  /** Revokes the tokens and ends the session, here and at the provider when it offers that, which leaves the page. */
  signOut: () => Promise<void>
  /** Revokes the tokens of a person that this tab has kept, when the provider offers that. @param stored as kept */
  revoke: (stored: string) => Promise<void>
}

/** A sign-in or renewal that did not come about. */
export class SignInFailure extends Error {
  override readonly name = 'SignInFailure'
  /** it says nothing about the session: no network, no answer in time, a provider in trouble */
  readonly isPassing: boolean
  /** what a sign-in had taken along */
  readonly state: unknown

  constructor(isPassing: boolean, state?: unknown, options?: ErrorOptions) {
    super(isPassing ? 'The sign-in provider cannot be reached' : 'The sign-in provider refused', options)
    this.isPassing = isPassing
    this.state = state
  }
}
