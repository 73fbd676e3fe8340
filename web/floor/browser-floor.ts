import web from '../package.json' with { type: 'json' }

/** A browser of `browserslist` in package.json, the one place that says which browsers the page is for (decision 21). */
export interface FloorBrowser {
  /** as browserslist calls it: `ios_saf` */
  name: string
  major: number
  minor: number
}

export const browserFloor: readonly FloorBrowser[] = web.browserslist.map((line) => {
  const [, name, major, minor = '0'] = /^(\w+) >= (\d+)(?:\.(\d+))?$/.exec(line) ?? []
  if (name === undefined) throw new Error(`web/package.json: browserslist has to say "name >= version", not "${line}"`)
  return { name, major: Number(major), minor: Number(minor) }
})

const viteNames: Readonly<Record<string, string>> = { ios_saf: 'ios' }

/** For `build.target` of Vite: `chrome109`. */
export const buildTargets = browserFloor.map(
  ({ name, major, minor }) => `${viteNames[name] ?? name}${major}${minor === 0 ? '' : `.${minor}`}`,
)

/** For Lightning CSS, which packs a version into one number. */
export const cssTargets = Object.fromEntries(
  browserFloor.map(({ name, major, minor }) => [name, (major << 16) | (minor << 8)]),
)
