/** What the header calls the person: the email of the ID token, else the user name, else the subject. */
export function personName(profile: Record<string, unknown> | undefined): string {
  const claims = ['email', 'preferred_username', 'cognito:username', 'name', 'sub']
  for (const claim of claims) {
    const value = profile?.[claim]
    if (typeof value === 'string' && value !== '') return value
  }
  return ''
}
