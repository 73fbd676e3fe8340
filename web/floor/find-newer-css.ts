import compat, { type Identifier } from '@mdn/browser-compat-data' with { type: 'json' }
import { isInFloor } from './newer-than-floor.ts'

/** What a built style sheet uses that a browser of the floor lacks: `text-wrap`, `:has`, `@container`. */
export function findNewerCss(css: string): string[] {
  const { properties = {}, selectors = {}, types = {} } = compat.css
  const atRules = compat.css['at-rules'] ?? {}
  const named: [RegExp, string, Identifier][] = [
    [/[{;]([a-z-]+):/g, '', properties],
    [/::?([a-z-]+)(?=[^;{}]*\{)/g, ':', selectors],
    [/@([a-z-]+)/g, '@', atRules],
    [/\b([a-z-]+)\(/g, '', { ...types, ...types['color'], ...types['gradient'] }],
  ]
  const found = named.flatMap(([pattern, sign, features]) =>
    [...css.matchAll(pattern)].flatMap(([, name = '']) => {
      const statement = features[name]?.__compat
      return statement && !isInFloor(statement) ? [sign + name] : []
    }),
  )
  return [...new Set(found)]
}
