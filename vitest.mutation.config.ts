import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What is beside the mutated files comes first: a mutant that it kills is over in a second. */
class NearestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isFar = ({ moduleId }: TestSpecification) => Number(moduleId.includes('/server/test/'))
    return (await super.sort(files)).toSorted((a, b) => isFar(a) - isFar(b))
  }
}

/**
 * What `pnpm test:mutation` kills mutants with: what is beside the mutated files, and the three files of the server
 * over HTTP that are about them. More would find little more, and take a minute for each mutant.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: NearestFirst },
    include: [
      'server/src/{config,connection,http,identity,sikka,vault}/**/*.test.ts',
      'server/test/{callback,identity,limits}.test.ts',
    ],
    globalSetup: ['server/test/harness/database-server.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
