/**
 * Most objects or lists, and most values, that a body is parsed with: 1,000 items need a quarter of them. Counted in its text,
 * because a body of 2 MB can hold 690,000 empty items, and the objects that they become stall the server for seconds.
 */
const mostObjects = 4_000
const mostValues = 100_000

/**
 * The body as JSON; white space and byte order marks around it do not count, and JSON inside a JSON text is read.
 * @returns undefined when it is something else (HTML, nothing, cut off) or has too many parts
 */
export function readJson(body: string): unknown {
  if (!isParsedQuickly(body)) return undefined
  const value = parse(body)
  return typeof value === 'string' ? parse(value) : value
}

/**
 * The one object of an answer, which Sikka sometimes wraps in an array (sikka-api).
 * @returns undefined when it is something else
 */
export function readRecord(body: string): Record<string, unknown> | undefined {
  return recordIn(readJson(body))
}

/** The object itself, or the first of an array of them. */
export function recordIn(value: unknown): Record<string, unknown> | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'object' && first !== null && !Array.isArray(first)
    ? (first as Record<string, unknown>)
    : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.trim())
  } catch {
    return undefined
  }
}

function isParsedQuickly(text: string): boolean {
  return (
    holdsAtMost(mostObjects, '{', text) && holdsAtMost(mostObjects, '[', text) && holdsAtMost(mostValues, ',', text)
  )
}

/** Stops where there are more. */
function holdsAtMost(most: number, mark: string, text: string): boolean {
  let at = text.indexOf(mark)
  for (let found = 0; at !== -1; found++) {
    if (found === most) return false
    at = text.indexOf(mark, at + 1)
  }
  return true
}
