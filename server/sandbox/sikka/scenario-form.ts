import * as z from 'zod'
import { Scenario, switchNames, type SwitchName } from './scenario.ts'

/** A submitted form: every value of every field; files are no part of it. */
export const Form = z
  .record(z.string(), z.union([z.unknown(), z.array(z.unknown())]))
  .transform((fields) => new Map(Object.entries(fields).map(([name, value]) => [name, texts(value)])))
export type Form = z.infer<typeof Form>

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string')
}

/** The form's field of a switch. */
export function fieldOf(name: SwitchName): string {
  return `scenario.${name}`
}

/** Field with the switches as the page showed them: only what somebody changed there is bound to a code. */
export const shownField = 'shown_scenario'

/** How a person sets a switch: by picking from these, or by typing. */
type SwitchInput = { kind: 'pick'; options: string[] } | { kind: 'number' } | { kind: 'text' }

export function inputOf(name: SwitchName): SwitchInput {
  const type: unknown = Scenario.shape[name].unwrap()
  if (type instanceof z.ZodEnum) return { kind: 'pick', options: type.options.map(String) }
  if (type instanceof z.ZodBoolean) return { kind: 'pick', options: ['false', 'true'] }
  return { kind: type instanceof z.ZodNumber ? 'number' : 'text' }
}

/**
 * The switches that the form sets otherwise than the page showed them; without `shown_scenario` (a
 * client that posts without the page), all that it sets.
 * @throws {z.ZodError} on an unknown switch or value
 */
export function chosenSwitches(current: Scenario, form: Form): Partial<Scenario> {
  const shownText = form.get(shownField)?.[0]
  const shown = shownText === undefined ? undefined : Scenario.parse(jsonOf(shownText))
  const given: Record<string, unknown> = {}
  for (const [field, [text]] of form) {
    if (!field.startsWith('scenario.') || text === undefined) continue
    const name = field.slice('scenario.'.length)
    const known = switchNames.find((one) => one === name)
    const value = known ? valueOf(known, text) : text
    if (!known || !shown || value !== shown[known]) given[name] = value
  }
  const parsed = Scenario.parse({ ...current, ...given })
  return Object.fromEntries(Object.entries(parsed).filter(([name]) => Object.hasOwn(given, name)))
}

function valueOf(name: SwitchName, text: string): unknown {
  const input = inputOf(name)
  if (input.kind === 'number') return text.trim() === '' ? undefined : Number(text)
  if (input.kind === 'text') return text === '' ? null : text
  return text === 'true' ? true : text === 'false' ? false : text
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
