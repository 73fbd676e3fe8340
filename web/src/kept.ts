/** Whether SPU is installed, as far as this browser knows; removed when the person signs out (P8). */
export const installedKey = 'pms-spu-installed'

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

export function forgetKept(key: string): void {
  try {
    localStorage.removeItem(key)
  } catch {
    // Nothing was kept.
  }
}
