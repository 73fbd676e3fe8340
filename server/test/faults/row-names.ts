/** A row of the families with names that no other word has, or a range of them, anywhere in a text. */
const distinct = /(?<![\w%-])(?:AT|F|I)\d+(?:(?:-|\s+to\s+)(?:AT|F|I)?\d+)?(?!\w)/g

/** The names in front of a title or of a part of it, as in `T7, S10: …`. */
const inFront = /(?<=^|> |: )[A-Z]{1,2}\d+(?:(?:, | and |-| to )[A-Z]{1,2}\d+)*(?=:)/g

/** Families whose names other words share (`S3`, `P2002`, `%A4`): read in front of a title alone. */
const short = /(?<![\w-])[TSAP]\d+(?:(?:-| to )[TSAP]\d+)?(?!\w)/g

/**
 * The rows that a text names, each once. A range (`F72-F81`) is no row and stays as it is written: each row has a test
 * that is about it.
 */
export function rowNamesIn(text: string): string[] {
  const fronts = text.match(inFront) ?? []
  return [...new Set([...(text.match(distinct) ?? []), ...fronts.flatMap((front) => front.match(short) ?? [])])]
}
