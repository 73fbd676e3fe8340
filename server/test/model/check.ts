import { randomInt } from 'node:crypto'
import * as fc from 'fast-check'
import { commandLists, runOnce, type Commands } from './property.ts'
import { examples } from './examples.ts'
import { tooSeldom, type Met, type Outcome } from './outcomes.ts'
import { startWorld, type World } from './world.ts'

/** Runs in one world, which then makes room for a new one: what has gathered in it makes each run slower. */
const runsOfWorld = 150

/** How often progress is told, in runs. */
const progressEvery = 100

/** `pnpm test` and `pnpm test:slow` do the same runs each time; new ones are looked for by `pnpm test:model`. */
const seedOfEveryRun = 20_261_121

interface Settings {
  runs: number
  seed: number
  path: string | undefined
  replayPath: string | undefined
  /** longest time for making a failing run shorter, milliseconds */
  shrinking: number
}

/**
 * Runs the examples, and then the model so often, or as the environment says.
 * @param usual number of runs, and how often they have to meet each outcome, unless the environment has another number
 * @returns how many runs there were, and what failed, to be read by a person
 */
export async function check(
  env: NodeJS.ProcessEnv,
  usual: { runs: number; least: Readonly<Record<Outcome, number>> },
): Promise<{ runs: number; failures: string[] }> {
  const { MODEL_RUNS = String(usual.runs), MODEL_WORLDS = '3', MODEL_SEED, MODEL_PATH, MODEL_REPLAY_PATH } = env
  const { MODEL_TIMES = '1', MODEL_SHRINK_SECONDS = '120', MODEL_EXAMPLE } = env
  const unnamed = env['MODEL_RUNS'] === undefined ? seedOfEveryRun : randomInt(2 ** 31)
  const seed = MODEL_SEED === undefined ? unnamed : Number(MODEL_SEED)
  const isReplay = MODEL_PATH !== undefined
  const worlds = isReplay ? 1 : Number(MODEL_WORLDS)
  const shards = Array.from({ length: worlds }, (_, shard) => ({
    runs: isReplay ? Number(MODEL_TIMES) : Math.ceil(Number(MODEL_RUNS) / worlds),
    seed: seed + shard,
    path: MODEL_PATH,
    replayPath: MODEL_REPLAY_PATH,
    shrinking: Number(MODEL_SHRINK_SECONDS) * 1_000,
  }))
  const startedAt = performance.now()
  let done = 0
  const met: Met = new Map()
  const onRun = (): void => {
    done += 1
    if (done % progressEvery !== 0) return
    process.stdout.write(`model: ${done} runs, ${Math.round((performance.now() - startedAt) / done)} ms a run\n`)
  }
  const failures = await Promise.all(
    shards.map(async (settings, shard) => {
      const world = await startWorld(met)
      const named = Object.entries(examples).filter(([name]) => name.includes(MODEL_EXAMPLE ?? ''))
      const some = isReplay ? [] : named.filter((_, index) => index % worlds === shard)
      const failed = await checkExamples(world, some, env['MODEL_VERBOSE'] !== undefined)
      if (MODEL_EXAMPLE !== undefined) {
        await world.close()
        return failed
      }
      return failed.concat((await checkOne(world, settings, onRun, env['MODEL_VERBOSE'] !== undefined)) ?? [])
    }),
  )
  const found = failures.flat()
  const isWhole = env['MODEL_RUNS'] === undefined && MODEL_EXAMPLE === undefined && !isReplay && found.length === 0
  if (env['MODEL_VERBOSE'] !== undefined) process.stdout.write(`${textOfMet(met)}\n`)
  return { runs: done, failures: isWhole ? tooSeldom(met, usual.least) : found }
}

async function checkExamples(world: World, some: [string, Commands][], isVerbose: boolean): Promise<string[]> {
  const failures: string[] = []
  for (const [name, commands] of some) {
    try {
      await runOnce(world, commands)
      if (isVerbose) process.stdout.write(`example: ${name}\n`)
    } catch (error) {
      failures.push(`Example: ${name}\n  ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      await world.renew()
    }
  }
  return failures
}

const textOfMet = (met: Met): string =>
  JSON.stringify(Object.fromEntries([...met].toSorted(([a], [b]) => a.localeCompare(b))), undefined, 1)

/** fast-check's list of commands says which of them were done. */
function textOf(commands: Commands | undefined): string {
  return commands === undefined ? '' : fc.stringify(commands)
}

async function checkOne(
  first: World,
  { runs, seed, path, replayPath, shrinking }: Settings,
  onRun: () => void,
  isVerbose: boolean,
): Promise<string | undefined> {
  let world = first
  let runsHere = 0
  let failedAt = 0
  let failure: unknown
  const property = fc.asyncProperty(commandLists(replayPath), async (commands: Commands) => {
    // Enough of making it shorter: what is left passes unseen, and so the shortest so far is told.
    if (failedAt && performance.now() - failedAt > shrinking) return
    if (runsHere === runsOfWorld) {
      await world.close()
      world = await startWorld(first.met)
      runsHere = 0
    }
    runsHere += 1
    try {
      await runOnce(world, commands)
    } catch (error) {
      if (!failedAt)
        process.stdout.write(
          `model: seed ${seed} failed and is made shorter: ${String(error).slice(0, 500)}\n${textOf(commands)}\n`,
        )
      failedAt ||= performance.now()
      failure = error
      // What it has left under way is not the next run's.
      await world.renew()
      throw error
    } finally {
      if (isVerbose) process.stdout.write(`${textOf(commands)}\n`)
      onRun()
    }
  })
  try {
    const times = path === undefined ? 1 : runs
    for (let time = 0; time < times; time++) {
      const details = await fc.check(property, {
        seed,
        ...(path === undefined ? { numRuns: runs } : { path, numRuns: 1, endOnFailure: true }),
      })
      if (!details.failed) continue
      const commands = textOf(details.counterexample?.[0])
      const replay = /replayPath="(.*)"/.exec(commands)?.[1] ?? ''
      return [
        `MODEL_SEED=${details.seed} MODEL_PATH=${details.counterexamplePath ?? ''} MODEL_REPLAY_PATH=${replay}`,
        ...commands.split(/,(?=[a-zA-Z]+\()/),
        failure instanceof Error ? (failure.stack ?? failure.message) : String(failure),
      ].join('\n  ')
    }
    return undefined
  } finally {
    await world.close()
  }
}
