import { expect, test, vi } from 'vitest'
import { createSession, signInCallbackPath } from './session.ts'
import { SignInFailure, type SignInLibrary } from './sign-in.ts'
import { userKey } from './stored-user.ts'

const origin = 'https://app.example.com'
const config = { authority: 'https://auth.example.com', clientId: 'client_demo' }
const key = userKey(config)
const stored = JSON.stringify({ access_token: 'access', profile: { sub: 'person', email: 'alex@example.com' } })
const signedIn = { kind: 'signed-in', person: { subject: 'person', name: 'alex@example.com' } }

/** A tab at that path, whose sign-in goes as the parts say; what it does in the browser is written down. */
function tab({ path = '/agent/setup/pms?status=connecting', user, library = {}, load }: TabParts) {
  const kept = new Map<string, string>(user === undefined ? [] : [[key, user]])
  const places: string[] = []
  const loadLibrary = vi.fn<() => Promise<SignInLibrary>>(
    load ??
      (async () => ({
        leave: () => new Promise<never>(() => undefined),
        arrive: async () => ({ returnTo: '/agent/setup/review' }),
        renew: async () => undefined,
        signOut: async () => void kept.delete(key),
        ...library,
      })),
  )
  const session = createSession(config, {
    origin,
    path: path.split('?')[0] ?? '',
    storage: { getItem: (name) => kept.get(name) ?? null, removeItem: (name) => void kept.delete(name) },
    loadLibrary,
    place: { current: () => path, replace: (next) => void places.push(next) },
  })
  const heard: string[] = []
  session.onChange(() => heard.push(session.state().kind))
  // Twice, as React does while a page is developed.
  session.begin()
  session.begin()
  return { session, kept, places, heard, loadLibrary }
}
interface TabParts {
  path?: string
  user?: string
  library?: Partial<SignInLibrary>
  load?: () => Promise<SignInLibrary>
}

test('who is kept in the tab is signed in, and no library is loaded for it', async () => {
  const { session, loadLibrary } = tab({ user: stored })
  expect(session.state()).toEqual(signedIn)
  expect(await session.tokens.current()).toBe('access')
  expect(loadLibrary).not.toHaveBeenCalled()
})

test('who is not is signed out; preparing loads the library once', () => {
  const { session, loadLibrary } = tab({})
  expect(session.state()).toEqual({ kind: 'signed-out', ended: false })
  session.prepare()
  session.prepare()
  expect(loadLibrary).toHaveBeenCalledOnce()
})

test('a sign-in leaves for the provider, and takes along where to come back to', async () => {
  const leave = vi.fn<SignInLibrary['leave']>(() => new Promise(() => undefined))
  const { session } = tab({ library: { leave } })
  void session.signIn()
  expect(session.state()).toEqual({ kind: 'leaving' })
  await vi.waitFor(() => expect(leave).toHaveBeenCalledWith({ returnTo: '/agent/setup/pms?status=connecting' }))
})

test('who comes back from the provider is signed in, where the sign-in began', async () => {
  const arrive = vi.fn<SignInLibrary['arrive']>(async () => {
    kept.set(key, stored)
    return { returnTo: '/agent/setup/review' }
  })
  const { session, kept, places, heard } = tab({
    path: `${signInCallbackPath}?code=c&state=s`,
    library: { arrive },
  })
  expect(session.state()).toEqual({ kind: 'arriving' })
  await vi.waitFor(() => expect(session.state()).toEqual(signedIn))
  expect([places, heard]).toEqual([['/agent/setup/review'], ['signed-in']])
  expect(arrive).toHaveBeenCalledOnce()
})

test.each([
  ['a refusal', new SignInFailure(false, { returnTo: '/agent/setup/review' }), false, '/agent/setup/review'],
  ['a refusal that says nothing of a place', new SignInFailure(false), false, '/agent/setup/pms'],
  ['a provider out of reach', new SignInFailure(true), true, '/agent/setup/pms'],
  ['anything else', new Error('oops'), false, '/agent/setup/pms'],
])('%s is a problem, and the next try leads to where the first one was to', async (_, failure, isPassing, returnTo) => {
  const leave = vi.fn<SignInLibrary['leave']>(() => new Promise(() => undefined))
  const arrive = () => Promise.reject(failure)
  const { session } = tab({ path: signInCallbackPath, library: { arrive, leave } })
  await vi.waitFor(() => expect(session.state()).toEqual({ kind: 'problem', isPassing }))
  void session.signIn()
  await vi.waitFor(() => expect(leave).toHaveBeenCalledWith({ returnTo }))
})

test('a library that cannot be loaded is a short interruption, and loaded anew at the next try', async () => {
  const { session, loadLibrary } = tab({ load: () => Promise.reject(new TypeError('Failed to fetch')) })
  await session.signIn()
  expect(session.state()).toEqual({ kind: 'problem', isPassing: true })
  await session.signIn()
  expect(loadLibrary).toHaveBeenCalledTimes(2)
})

test.each([
  ['at the provider too', {}],
  ['here at least, when the provider cannot be reached', { signOut: () => Promise.reject(new SignInFailure(true)) }],
])('signing out ends the session %s', async (_, library) => {
  const { session, kept, heard } = tab({ user: stored, library })
  await session.signOut()
  expect(session.state()).toEqual({ kind: 'signed-out', ended: true })
  expect([kept.size, heard]).toEqual([0, ['signing-out', 'signed-out']])
})

test('a session whose token is good no more ends, and says so', async () => {
  const { session, kept } = tab({ user: stored })
  expect(await session.tokens.replace('access')).toBeUndefined()
  await session.tokens.end()
  expect(session.state()).toEqual({ kind: 'signed-out', ended: true })
  expect(kept.size).toBe(0)
})

test('who comes back from the provider by the browser’s own button can sign in again', () => {
  const { session } = tab({})
  void session.signIn()
  session.lookAgain()
  expect(session.state()).toEqual({ kind: 'signed-out', ended: false })
})
