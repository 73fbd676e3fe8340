/**
 * A Stryker checker that passes only a seeded sample of the mutants: testing all of them would take days.
 *
 *     stryker run stryker.sample.json
 *
 * A checker can only reject a mutant as a compile error, so that is how Stryker lists the rest. They do not count.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CheckStatus, type Checker, type CheckResult } from '@stryker-mutator/api/check'
import type { Mutant, StrykerOptions } from '@stryker-mutator/api/core'
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import * as z from 'zod'

const Sample = z.object({
  sample: z.object({ seed: z.string(), perRoom: z.number(), mostExplained: z.number(), explained: z.string() }),
})

const Explained = z.array(
  z.strictObject({
    file: z.string(),
    /** the mutated text as it stands in the file */
    text: z.string(),
    replacement: z.string(),
    /** why no test can notice it */
    why: z.string(),
  }),
)

/** The folder of the server that a mutant is in. */
const roomOf = ({ fileName }: Pick<Mutant, 'fileName'>): string =>
  /\/server\/src\/([^/]+)\//.exec(fileName)?.[1] ?? 'server'

/**
 * Picks `perRoom` mutants of each room, by the seed and by what each mutant changes. Positions play no part, so that adding
 * or removing a line does not change the sample.
 */
export function chooseSample(mutants: readonly Mutant[], seed: string, perRoom: number): Set<string> {
  const rank = (mutant: Mutant): string => {
    const file = mutant.fileName.slice(mutant.fileName.indexOf('/server/src/'))
    const parts = [seed, file, mutant.mutatorName, textOf(mutant), mutant.replacement]
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  }
  const rooms = Object.values(Object.groupBy(mutants, roomOf))
  const chosen = rooms.flatMap((room = []) =>
    room
      .map((mutant) => ({ id: mutant.id, rank: rank(mutant) }))
      .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
      .slice(0, perRoom),
  )
  return new Set(chosen.map(({ id }) => id))
}

/** Exported for its test. */
export class SampleChecker implements Checker {
  static inject = tokens(commonTokens.options)
  readonly #options
  constructor(options: Partial<StrykerOptions>) {
    this.#options = Sample.parse(options).sample
  }

  async init(): Promise<void> {}

  /** One group of all: the sample is drawn from the whole. */
  async group(mutants: Mutant[]): Promise<string[][]> {
    return [mutants.map(({ id }) => id)]
  }

  /** @throws {Error} when more than `mostExplained` of the sample is explained */
  async check(mutants: Mutant[]): Promise<Record<string, CheckResult>> {
    const { seed, perRoom, mostExplained, explained: file } = this.#options
    const chosen = chooseSample(mutants, seed, perRoom)
    const explained = Explained.parse(JSON.parse(readFileSync(file, 'utf8')))
    const why = (mutant: Mutant) =>
      explained.find(
        (each) =>
          mutant.fileName.endsWith(each.file) &&
          each.replacement === mutant.replacement &&
          each.text === textOf(mutant),
      )?.why
    const excused = mutants.filter((mutant) => chosen.has(mutant.id) && why(mutant) !== undefined)
    if (excused.length > chosen.size * mostExplained) {
      throw new Error(`${excused.length} of ${chosen.size} mutants are explained: more than ${mostExplained * 100} %`)
    }
    return Object.fromEntries(
      mutants.map((mutant) => {
        const reason = chosen.has(mutant.id) ? why(mutant) : 'not in the sample'
        if (reason === undefined) return [mutant.id, { status: CheckStatus.Passed }]
        return [mutant.id, { status: CheckStatus.CompileError, reason }]
      }),
    )
  }
}

const linesOf = new Map<string, readonly string[]>()

/** The source text that the mutant replaces. */
function textOf({ fileName, location: { start, end } }: Mutant): string {
  const all = linesOf.get(fileName) ?? readFileSync(fileName, 'utf8').split('\n')
  linesOf.set(fileName, all)
  const lines = all.slice(start.line, end.line + 1)
  const last = lines.length - 1
  lines[last] = (lines[last] ?? '').slice(0, end.column)
  lines[0] = (lines[0] ?? '').slice(start.column)
  return lines.join('\n')
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'sample', SampleChecker)]

/** Stryker warns of options that nobody declares. */
export const strykerValidationSchema = { properties: { sample: { type: 'object' } } }
