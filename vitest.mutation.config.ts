import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What is beside the mutated files comes first: a mutant that it kills is over in a second. */
class NearestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isFar = ({ moduleId }: TestSpecification) => Number(moduleId.includes('/server/test/'))
    return (await super.sort(files)).toSorted((a, b) => isFar(a) - isFar(b))
  }
}

/** What `pnpm test:mutation` kills mutants with: what is beside the mutated files, and the server over HTTP. */
export default defineConfig({
  test: {
    sequence: { sequencer: NearestFirst },
    include: [
      'server/src/{config,connection,http,identity,sikka,vault}/**/*.test.ts',
      'server/test/{attempts,callback,edge,identity,limits,cross-site,no-secret-told}.test.ts',
      'server/test/{sikka-faults,secrets-manager-faults}.test.ts',
      'server/test/vault/{settings,trouble}.test.ts',
    ],
    globalSetup: ['server/test/harness/database-server.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
