import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { browserFloor } from '../floor/browser-floor.ts'
import { findNewerCss } from '../floor/find-newer-css.ts'
import { findNewer } from '../floor/find-newer.ts'
import { newer } from '../floor/newer-than-floor.ts'
import { headings, stage } from './stage.ts'
import { button, heading, see } from './visitor.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What libraries use only where the browser has it, and what merely has the name of something newer. */
const guarded: Readonly<Record<string, string>> = {
  'Error.captureStackTrace': 'zod: asks for it first',
  'URL.canParse': 'zod: asks for it first',
  when: 'zod: a function of its own',
  checkVisibility: 'Base UI: asks for it first',
  toArray: 'Base UI: React.Children.toArray',
  use: 'React.use',
  'Navigator.connection': 'React: asks for it first, in view transitions, which the page has none of',
  startViewTransition: 'React: in view transitions, which the page has none of',
}

/** What is taken away from Chromium: each of it some browser of the floor lacks. */
const taken = [
  'AbortSignal.any',
  'AbortSignal.timeout',
  'Array.fromAsync',
  'Array.toReversed',
  'Array.toSorted',
  'Array.toSpliced',
  'Array.with',
  'Document.startViewTransition',
  'Element.checkVisibility',
  'Iterator.from',
  'Iterator.map',
  'Map.groupBy',
  'Object.groupBy',
  'Promise.try',
  'Promise.withResolvers',
  'Set.difference',
  'Set.intersection',
  'Set.isDisjointFrom',
  'Set.isSubsetOf',
  'Set.isSupersetOf',
  'Set.symmetricDifference',
  'Set.union',
  'String.isWellFormed',
  'String.toWellFormed',
  'URL.canParse',
  'URL.parse',
  'URLPattern',
  'Window.navigation',
]

/** What an older browser goes without, and the page loses nothing by. */
const decoration = new Set([':has', 'accent-color', 'outline', 'text-size-adjust', 'text-wrap'])

describe('P7: the built page, libraries included', () => {
  const built = async (ending: string) => {
    const names = (await readdir(here('../dist/assets'))).filter((name) => name.endsWith(ending))
    return Promise.all(
      names.map(async (name) => [name, await readFile(join(here('../dist/assets'), name), 'utf8')] as const),
    )
  }

  it('P7: calls nothing that a browser of the floor lacks', async () => {
    const found = new Set((await built('.js')).flatMap(([name, code]) => findNewer(name, code)))
    expect([...found].filter((name) => !(name in guarded))).toEqual([])
    expect(Object.keys(guarded).filter((name) => !found.has(name))).toEqual([])
  })

  it('P7: is drawn by nothing that a browser of the floor lacks, but decoration', async () => {
    const found = (await built('.css')).flatMap(([, css]) => findNewerCss(css))
    expect(found.filter((name) => !decoration.has(name))).toEqual([])
  })

  it.each([
    ['AbortSignal.any([a])', 'AbortSignal.any'],
    ['list.toSorted()', 'toSorted'],
    ['const c = URL.canParse(text)', 'URL.canParse'],
    ['Promise.withResolvers()', 'Promise.withResolvers'],
    ['Object.groupBy(list, by)', 'Object.groupBy'],
    ['Array.fromAsync(list)', 'Array.fromAsync'],
    ['one.union(other)', 'union'],
    ['new URLPattern(text)', 'URLPattern'],
    ['fetchLater(url)', 'fetchLater'],
  ])('P7: %s would be found', (code, name) => {
    expect(findNewer('a.js', code)).toEqual([name])
  })

  it('P7: structuredClone, findLast and at would not: the floor has them', () => {
    expect(findNewer('a.js', 'structuredClone(a); list.findLast(b); list.at(-1)')).toEqual([])
    expect(findNewerCss('@layer a{b{inset:0;color:light-dark(red,blue)}}c:has(d){gap:0}')).toEqual([
      ':has',
      'light-dark',
    ])
  })

  it('P7: has nothing taken away that all of the floor have', () => {
    expect(taken.filter((name) => !newer.ofGlobals.has(name))).toEqual([])
  })

  it('P7: the README names the floor', async () => {
    const names: Record<string, string> = {
      chrome: 'Chrome',
      edge: 'Edge',
      firefox: 'Firefox',
      safari: 'Safari',
      ios_saf: 'iOS',
    }
    const readme = await readFile(here('../../README.md'), 'utf8')
    for (const { name, major, minor } of browserFloor) {
      expect(readme).toContain(`${names[name]} ${major}${minor === 0 ? '' : `.${minor}`}`)
    }
  })
})

describe('P7: a browser that has only what the floor has', () => {
  const on = stage()

  beforeEach(() =>
    on.visitor.context.addInitScript((names: string[]) => {
      const globals = window as unknown as Record<string, { prototype?: object }>
      for (const [global = '', member] of names.map((name) => name.split('.'))) {
        const place = globals[global]
        if (member === undefined) Reflect.deleteProperty(window, global)
        else if (place)
          for (const owner of [window, place, place.prototype ?? {}]) Reflect.deleteProperty(owner, member)
      }
    }, taken),
  )

  it('P7: signs in, connects and disconnects', async () => {
    const { page, ...visitor } = on.visitor
    await visitor.signIn()
    expect(await page.evaluate(() => ['any' in AbortSignal, 'toSorted' in Array.prototype, 'canParse' in URL])).toEqual(
      [false, false, false],
    )
    await visitor.toSikka()
    await visitor.allow()
    await see(heading(page, headings.connected))
    await button(page, 'Disconnect').click()
    await button(page, 'Yes, disconnect').click()
    await see(page.getByText('Your practice is disconnected'))
    await button(page, 'Sign out').click()
    await see(button(page, 'Sign in'))
  })
})
