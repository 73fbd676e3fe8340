import { newer, newerMember } from './newer-than-floor.ts'

/** As much of a syntax tree's node as the rule reads. */
interface Node {
  type: string
  name?: string
  computed?: boolean
  object?: Node
  property?: Node
  callee?: Node
  parent?: Node
}

interface RuleContext {
  report: (problem: { node: Node; message: string }) => void
}

/** The page uses nothing that a browser of `browserslist` lacks (decision 21). */
const browserFloorRule = {
  create(context: RuleContext) {
    const report = (node: Node, what: string | undefined): void => {
      if (what === undefined) return
      context.report({ node, message: `${what} is newer than a browser of "browserslist" in web/package.json` })
    }
    return {
      MemberExpression(node: Node) {
        if (node.computed || node.property?.name === undefined) return
        const isCalled = node.parent?.type === 'CallExpression' && node.parent.callee === node
        report(node, newerMember(node.object?.name, node.property.name, isCalled))
      },
      CallExpression({ callee }: Node) {
        if (callee?.name !== undefined && newer.ofGlobals.has(`Window.${callee.name}`)) report(callee, callee.name)
      },
      NewExpression({ callee }: Node) {
        if (callee?.name !== undefined && newer.ofGlobals.has(callee.name)) report(callee, callee.name)
      },
    }
  },
}

export default { meta: { name: 'browser-floor' }, rules: { 'no-newer': browserFloorRule } }
