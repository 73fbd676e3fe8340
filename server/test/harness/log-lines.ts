import { application } from '../../sandbox/environment.ts'

/** Lines at level error and above: what somebody who runs the server is called for. */
export function alarmsIn(log: readonly string[]): { msg: string; errorCode?: string }[] {
  const lines = log.map((line) => JSON.parse(line) as { level: number; msg: string; errorCode?: string })
  return lines.filter(({ level }) => level >= 50)
}

/** Keys and codes in the form that the sandbox's Sikka gives them, and the application's key. */
const secret = new RegExp(`(requestkey|refreshkey|secretkey|code)demo\\d+|${application.appKey}`, 'g')

export function secretsIn(text: string): string[] {
  return text.match(secret) ?? []
}

/** @throws {Error} when a line tells a secret (C25) */
export function forbidSecrets(log: readonly string[]): void {
  const telling = log.find((line) => secretsIn(line).length > 0)
  if (telling !== undefined) throw new Error(`The log tells a secret: ${telling}`)
}
