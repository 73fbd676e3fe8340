import { expect, it } from 'vitest'
import { stage } from './stage.ts'
import { button, see, type Visitor } from './visitor.ts'

const on = stage()

/**
 * Opens that address, and lets no script run before everything wanted has been asked for; the test's own time limit ends
 * it. @returns how often each was asked for, in all
 */
async function visit({ page }: Visitor, path: string, wanted: RegExp[], isShown: () => Promise<void>) {
  const asked: string[] = []
  const isAskedFor = Promise.withResolvers<void>()
  page.on('request', (request) => {
    asked.push(new URL(request.url()).pathname)
    if (wanted.every((each) => asked.some((name) => each.test(name)))) isAskedFor.resolve()
  })
  // Every script imports it.
  await page.route(/\/assets\/react-/, async (route) => {
    await isAskedFor.promise
    await route.fallback()
  })
  await page.goto(on.system.origin + path)
  await isShown()
  return wanted.map((each) => asked.filter((name) => each.test(name)).length)
}

it.each([
  ['en-US', /\/en-/, 'Sign in'],
  ['fr-CA', /\/fr-ca-/, 'Ouvrir une session'],
])(
  'P19: a first visit asks for its words and configuration before a script runs, once: %s',
  async (locale, words, name) => {
    const visitor = await on.newVisitor(locale)
    const wanted = [words, /^\/config\.json$/, /\/signed-in-/]
    const asked = await visit(visitor, '/agent/setup/pms', wanted, () => see(button(visitor.page, name)))
    expect(asked).toEqual([1, 1, 1])
  },
)

it('P19: a browser that comes back from the sign-in asks for the library before a script runs', async () => {
  const visitor = await on.newVisitor()
  const wanted = [/\/sign-in-library-/, /\/en-/, /^\/config\.json$/]
  const asked = await visit(visitor, '/auth/callback?code=c&state=s', wanted, () =>
    see(button(visitor.page, 'Try again')),
  )
  expect(asked).toEqual([1, 1, 1])
})
