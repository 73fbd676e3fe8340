/** The tab's storage, without which nobody can sign in; undefined where the browser forbids it (P18). */
export function tabStorage(): Storage | undefined {
  try {
    const { sessionStorage } = window
    // Some browsers forbid only to write.
    sessionStorage.setItem('pms-probe', '')
    sessionStorage.removeItem('pms-probe')
    return sessionStorage
  } catch {
    return undefined
  }
}
