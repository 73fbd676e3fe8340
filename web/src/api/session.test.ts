import { signInCallbackPath } from '@pms/shared/setup-redirect'
import { expect, test, vi } from 'vitest'
import { createSession } from './session.ts'
import { SignInFailure, type SignInLibrary } from './sign-in.ts'
import { userKey } from './stored-user.ts'

const origin = 'https://app.example.com'
const config = { authority: 'https://auth.example.com', clientId: 'client_demo' }
const key = userKey(config)
const stored = JSON.stringify({ access_token: 'access', profile: { sub: 'person', email: 'alex@example.com' } })
const signedIn = { kind: 'signed-in', person: { subject: 'person', name: 'alex@example.com' } }

/** A tab at that path, whose sign-in goes as the parts say; what it does in the browser is written down. */
function tab({ path = '/agent/setup/pms?status=connecting', user, library = {}, load, isOver = false }: TabParts) {
  const kept = new Map<string, string>(user === undefined ? [] : [[key, user]])
  const places: string[] = []
  const revoked: string[] = []
  const mark = {
    join: vi.fn<() => void>(),
    leave: vi.fn<() => void>(),
    quit: vi.fn<() => void>(),
    isOver: vi.fn<() => boolean>(() => isOver),
  }
  const loadLibrary = vi.fn<() => Promise<SignInLibrary>>(
    load ??
      (async () => ({
        leave: () => new Promise<never>(() => undefined),
        arrive: async () => ({ returnTo: '/agent/setup/review' }),
        renew: async () => undefined,
        signOut: async () => void kept.delete(key),
        revoke: async (text) => void revoked.push(text),
        ...library,
      })),
  )
  const session = createSession(config, {
    origin,
    path: path.split('?')[0] ?? '',
    storage: { getItem: (name) => kept.get(name) ?? null, removeItem: (name) => void kept.delete(name) },
    mark,
    forget: () => void kept.delete('of the person'),
    loadLibrary,
    place: { current: () => path, replace: (next) => void places.push(next) },
  })
  const heard: string[] = []
  session.onChange(() => heard.push(session.state().kind))
  // Twice, as React does while a page is developed.
  session.begin()
  session.begin()
  return { session, kept, places, heard, loadLibrary, mark, revoked }
}
interface TabParts {
  path?: string
  user?: string
  library?: Partial<SignInLibrary>
  load?: () => Promise<SignInLibrary>
  /** another tab has signed out since this one was opened */
  isOver?: boolean
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

test('P8: signing out tells the other tabs at once, and forgets what was kept of the person', async () => {
  const { session, kept, mark } = tab({ user: stored, library: { signOut: () => new Promise(() => undefined) } })
  kept.set('of the person', 'yes')
  void session.signOut()
  expect(mark.leave).toHaveBeenCalledOnce()
  expect([...kept.keys()]).toEqual([key])
})

test('P8: another tab’s signing out signs out this one, and revokes its own tokens', async () => {
  const { session, kept, mark, heard, revoked } = tab({ user: stored })
  expect(mark.join).toHaveBeenCalledOnce()
  session.hear()
  expect(session.state()).toEqual(signedIn)
  mark.isOver.mockReturnValue(true)
  session.hear()
  expect(session.state()).toEqual({ kind: 'signed-out', ended: true })
  expect([kept.size, heard]).toEqual([0, ['signed-out']])
  // The browser's mark may be that of somebody who has signed in since.
  expect([mark.leave.mock.calls.length, mark.quit.mock.calls.length]).toEqual([0, 1])
  await vi.waitFor(() => expect(revoked).toEqual([stored]))
})

test('P8: a tab that slept while another one signed out is signed out when it is opened again', async () => {
  const { session, revoked } = tab({ user: stored, isOver: true })
  expect(session.state()).toEqual({ kind: 'signed-out', ended: true })
  await vi.waitFor(() => expect(revoked).toEqual([stored]))
})

test('P18: a sign-in’s address that was used before leads on, for who is signed in', async () => {
  const arrive = () => Promise.reject(new SignInFailure(false))
  const { session, places } = tab({ path: signInCallbackPath, user: stored, library: { arrive } })
  await vi.waitFor(() => expect(session.state()).toEqual(signedIn))
  expect(places).toEqual(['/agent/setup/pms'])
})
