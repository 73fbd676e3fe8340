import compat, {
  type CompatStatement,
  type Identifier,
  type SimpleSupportStatement,
} from '@mdn/browser-compat-data' with { type: 'json' }
import { browserFloor, type FloorBrowser } from './browser-floor.ts'

const mdnNames: Readonly<Record<string, keyof CompatStatement['support']>> = {
  chrome: 'chrome',
  edge: 'edge',
  firefox: 'firefox',
  safari: 'safari',
  ios_saf: 'safari_ios',
}

/** Whether every browser of the floor has a feature, by MDN's data; by a flag or a prefix does not count. */
export function isInFloor({ support }: CompatStatement): boolean {
  return browserFloor.every((browser) => {
    const given = support[mdnNames[browser.name] ?? 'chrome']
    const statements: readonly SimpleSupportStatement[] = given === undefined ? [] : [given].flat()
    return statements.some((statement) => isSince(statement, browser))
  })
}

function isSince(
  { version_added: added, version_removed: removed, flags, prefix, alternative_name: other }: SimpleSupportStatement,
  floor: FloorBrowser,
): boolean {
  if (removed || flags || prefix || other || typeof added !== 'string') return false
  const [major = NaN, minor = 0] = added.replace('≤', '').split('.').map(Number)
  return major < floor.major || (major === floor.major && minor <= floor.minor)
}

/** Interfaces whose members are searched for wherever they are called: those of others have everyday names. */
const everyday =
  /^(AbortController|AbortSignal|Blob|CSSStyleDeclaration|DOMTokenList|Document|Element|Event|EventTarget|FormData|HTML(Button|Dialog|Form|Input|Select|TextArea)?Element|Headers|History|KeyboardEvent|Location|Node|Range|Request|Response|Selection|Storage|URL|URLSearchParams|Window)$/

interface Newer {
  /** `AbortSignal.any`, and `Iterator` for all that a global has */
  ofGlobals: ReadonlySet<string>
  /** names of members that nothing in the floor has: `toSorted` */
  members: ReadonlySet<string>
}

/** What JavaScript and the browser's interfaces have that some browser of the floor lacks. */
function newerThanFloor(): Newer {
  const ofGlobals = new Set<string>()
  const inFloor = new Set<string>()
  const members = new Set<string>()
  const builtins = compat.javascript['builtins'] ?? {}
  const globals = [...Object.entries(builtins), ...Object.entries(compat.api)].filter(
    ([name]) => name !== '__compat',
  ) as [string, Identifier][]
  for (const [global, feature] of globals) {
    if (feature.__compat && !isInFloor(feature.__compat)) ofGlobals.add(global)
    for (const [key, { __compat: statement }] of Object.entries(feature) as [string, Identifier][]) {
      if (key === '__compat' || !statement || !/^\w+$/.test(key) || key.endsWith('_event')) continue
      const member = key.replace(/_static$/, '')
      if (isInFloor(statement)) inFloor.add(member)
      else {
        ofGlobals.add(`${global}.${member}`)
        if (global in builtins || everyday.test(global)) members.add(member)
      }
    }
  }
  return { ofGlobals, members: new Set([...members].filter((member) => !inFloor.has(member))) }
}

export const newer = newerThanFloor()

/** The interface of what every page has. */
const instances: Readonly<Record<string, string>> = {
  window: 'Window',
  self: 'Window',
  globalThis: 'Window',
  document: 'Document',
  navigator: 'Navigator',
  performance: 'Performance',
  crypto: 'Crypto',
}

/**
 * @param object the name in front of the dot, where there is one
 * @returns what is newer than the floor, as it is called; undefined when every browser of the floor has it
 */
export function newerMember(object: string | undefined, member: string, isCalled: boolean): string | undefined {
  const name = `${instances[object ?? ''] ?? object}.${member}`
  if (object !== undefined && newer.ofGlobals.has(name)) return name
  return isCalled && newer.members.has(member) ? member : undefined
}
