/** Whether every percent sign begins an encoded character; what is not fails wherever it is decoded later. */
export function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
