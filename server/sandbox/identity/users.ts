/** A person of the sandbox. Made up, and they look it. */
export interface SandboxUser {
  /** The token's `sub`: like Cognito's, a UUID; the same in every sandbox. */
  readonly subject: string
  readonly name: string
  readonly email: string
}

export const users = {
  alex: {
    subject: 'a1e00000-0000-4000-8000-000000000001',
    name: 'Alex Demo',
    email: 'alex@happy-dental.example',
  },
  robin: {
    subject: '20b10000-0000-4000-8000-000000000002',
    name: 'Robin Demo',
    email: 'robin@maple-street.example',
  },
} as const satisfies Record<string, SandboxUser>

export type UserName = keyof typeof users

export function isUserName(name: string | null): name is UserName {
  return name !== null && Object.hasOwn(users, name)
}

export function userBySubject(subject: string): SandboxUser | undefined {
  return Object.values(users).find((user) => user.subject === subject)
}
