import { parseUrl } from '@pms/shared/parse-url'
import { setupPath } from '@pms/shared/setup-redirect'

/**
 * Where to go on after sign-in. The state went through the browser's storage, so it is read as something
 * from outside: only a path of this origin is followed, everything else leads to the setup.
 * @param state what came back from the sign-in
 * @param origin of this page
 * @param callbackPath the sign-in's own address, which is no place to return to
 */
export function returnPath(state: unknown, origin: string, callbackPath: string): string {
  const returnTo = readReturnTo(state)
  const target = returnTo?.startsWith('/') ? parseUrl(returnTo, origin) : undefined
  if (target?.origin !== origin || target.pathname.replace(/\/+$/, '') === callbackPath) return setupPath
  // `/.//evil.example` and its like have a path that a browser would read as another host (AT40).
  if (target.pathname.startsWith('//')) return setupPath
  return target.pathname + target.search
}

function readReturnTo(state: unknown): string | undefined {
  if (typeof state !== 'object' || state === null || !('returnTo' in state)) return undefined
  return typeof state.returnTo === 'string' ? state.returnTo : undefined
}
