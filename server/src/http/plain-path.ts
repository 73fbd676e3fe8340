/** Normalizes a path that may be disguised to bypass a check: slashes doubled or encoded, upper case. */
export function plainly(path: string): string {
  return path
    .replace(/%2f|\\|%5c/gi, '/')
    .replace(/\/{2,}/g, '/')
    .toLowerCase()
}
