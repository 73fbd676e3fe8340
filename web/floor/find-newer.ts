import { parseSync, Visitor } from 'vite'
import { newer, newerMember } from './newer-than-floor.ts'

/** What a built file uses that a browser of the floor lacks, by name. */
export function findNewer(fileName: string, code: string): string[] {
  const found = new Set<string>()
  const called = new Set<number>()
  new Visitor({
    CallExpression({ callee }) {
      if (callee.type === 'MemberExpression') called.add(callee.end)
      if (callee.type === 'Identifier' && newer.ofGlobals.has(`Window.${callee.name}`)) found.add(callee.name)
    },
    NewExpression({ callee }) {
      if (callee.type === 'Identifier' && newer.ofGlobals.has(callee.name)) found.add(callee.name)
    },
    MemberExpression({ object, property, computed, end }) {
      if (computed || property.type !== 'Identifier') return
      const what = newerMember(object.type === 'Identifier' ? object.name : undefined, property.name, called.has(end))
      if (what !== undefined) found.add(what)
    },
  }).visit(parseSync(fileName, code).program)
  return [...found]
}
