/** A URL, or undefined where there is none. `URL.canParse` is newer than the page's oldest browsers (P7). */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}
