import type { Scenario } from './scenario.ts'

/** Takes a value out of an answer, as the scenario writes what is absent. */
export function leaveOut({ absentValues }: Scenario, answer: Record<string, unknown>, name: string): void {
  if (absentValues === 'empty_text') answer[name] = ''
  else delete answer[name]
}

/** A key or id with the white space that the scenario puts around it (A3). */
export function spaced({ whiteSpace }: Scenario, value: string): string {
  return whiteSpace === 'none' ? value : ` ${value}\r\n`
}
