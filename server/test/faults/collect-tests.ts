import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { createVitest } from 'vitest/node'
import type { Test } from './report.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

export interface Collected {
  /** those that would run, and would have to pass */
  tests: Test[]
  /** what could not be read, a sentence each */
  problems: string[]
}

/**
 * Every test of `pnpm test` and `pnpm test:slow` as Vitest sees it: the files are loaded, so that tables of cases have
 * the titles that they are run with, and nothing is run.
 */
export async function collectTests(): Promise<Collected> {
  const collected: Collected = { tests: [], problems: [] }
  for (const config of ['vitest.config.ts', 'vitest.slow.config.ts']) {
    const { tests, problems } = await collectTestsOf(config)
    collected.tests.push(...tests)
    collected.problems.push(...problems)
  }
  return collected
}

async function collectTestsOf(file: string): Promise<Collected> {
  const vitest = await createVitest({ root, config: join(root, file), watch: false, reporters: [] })
  try {
    for (const { config } of vitest.projects) {
      // To be loaded, the tests need no database, and no module for each file alone: a third of the time.
      config.globalSetup = []
      config.isolate = false
    }
    const { testModules, unhandledErrors } = await vitest.collect([], { staticParse: false })
    const tests = testModules.flatMap((module) => {
      const path = relative(root, module.moduleId)
      return [...module.children.allTests()]
        .filter(({ options }) => options.mode !== 'skip' && options.mode !== 'todo' && !options.fails)
        .map(({ fullName }) => ({ title: fullName, file: path, ofStandIn: path.startsWith('server/sandbox/') }))
    })
    const errors = testModules.flatMap((module) =>
      module.errors().map((error) => `${relative(root, module.moduleId)} could not be loaded: ${messageOf(error)}`),
    )
    return { tests, problems: [...errors, ...unhandledErrors.map((error) => `While loading: ${messageOf(error)}`)] }
  } finally {
    await vitest.close()
  }
}

function messageOf(error: unknown): string {
  const { message } = error instanceof Object && 'message' in error ? error : { message: error }
  return stripVTControlCharacters(String(message))
}
