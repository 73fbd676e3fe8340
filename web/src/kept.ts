/** What this browser keeps from visit to visit; one whose storage is full or forbidden keeps nothing. */
export function readKept(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Then it is asked for again at the next visit.
  }
}
