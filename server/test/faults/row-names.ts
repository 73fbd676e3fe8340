/** One row or a range of them (`F72-F81`, `F72 to F81`), on its own and not as a part of another word. */
const name = /(?<![\w-])(AT|F|I)(\d+)(?:-\1?(\d+)|\s+to\s+\1(\d+))?(?!\w)/g

/**
 * The rows that a text names, each once. A range counts for each of its rows; one that runs backwards
 * stays as it is written, so that it is found to be no row.
 */
export function rowNamesIn(text: string): string[] {
  const names = Array.from(text.matchAll(name), ([written, family = '', from = '', hyphened, worded]) => {
    const to = hyphened ?? worded
    if (to === undefined) return [written]
    const [first, last] = [Number(from), Number(to)]
    if (first >= last) return [written]
    return Array.from({ length: last - first + 1 }, (_, index) => `${family}${first + index}`)
  })
  return [...new Set(names.flat())]
}
