import { expect, it } from 'vitest'
import { stage } from './stage.ts'
import { button, see, type Visitor } from './visitor.ts'

const on = stage()

/**
 * Opens an address and holds back all scripts until every wanted file has been requested.
 * @returns how often each was requested
 */
async function visit({ page }: Visitor, path: string, wanted: RegExp[], isShown: () => Promise<void>) {
  const requested: string[] = []
  const areRequested = Promise.withResolvers<void>()
  page.on('request', (request) => {
    requested.push(new URL(request.url()).pathname)
    if (wanted.every((each) => requested.some((name) => each.test(name)))) areRequested.resolve()
  })
  // Every script imports React.
  await page.route(/\/assets\/react-/, async (route) => {
    await areRequested.promise
    await route.fallback()
  })
  await page.goto(on.system.origin + path)
  await isShown()
  return wanted.map((each) => requested.filter((name) => each.test(name)).length)
}

it.each([
  ['en-US', /\/en-/, 'Sign in'],
  ['fr-CA', /\/fr-ca-/, 'Ouvrir une session'],
])(
  'P19: a first visit requests its words and configuration once, before any script runs: %s',
  async (locale, words, name) => {
    const visitor = await on.newVisitor(locale)
    const wanted = [words, /^\/config\.json$/, /\/signed-in-/]
    const requested = await visit(visitor, '/agent/setup/pms', wanted, () => see(button(visitor.page, name)))
    expect(requested).toEqual([1, 1, 1])
  },
)

it('P19: on the way back from the sign-in, its library is requested before any script runs', async () => {
  const visitor = await on.newVisitor()
  const wanted = [/\/sign-in-library-/, /\/en-/, /^\/config\.json$/]
  const requested = await visit(visitor, '/auth/callback?code=c&state=s', wanted, () =>
    see(button(visitor.page, 'Try again')),
  )
  expect(requested).toEqual([1, 1, 1])
})
