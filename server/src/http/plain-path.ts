/** The path as somebody who looks for a way around it might have written it: slashes doubled or encoded, upper case. */
export function plainly(path: string): string {
  return path
    .replace(/%2f|\\|%5c/gi, '/')
    .replace(/\/{2,}/g, '/')
    .toLowerCase()
}
