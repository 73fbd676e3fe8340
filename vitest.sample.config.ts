import { defineConfig } from 'vitest/config'
import mutation from './vitest.mutation.config.ts'

/**
 * What the sampled mutants are killed with: all that runs in Vitest's own process (a server in another one does not have
 * the mutant) and takes less than half a minute.
 */
export default defineConfig({
  test: {
    ...mutation.test,
    include: ['server/src/**/*.test.ts', 'server/test/*.test.ts'],
    exclude: [
      '**/*.slow.test.ts',
      'server/test/{clock,crash,drain,flood,held-requests,model,process,refresh-crash,two-servers,two-workers}.test.ts',
      'server/test/{database-size,limits,other-versions,remembered-by-servers,status-memory-bound}.test.ts',
    ],
    // Loading the server for each file would take most of the time.
    isolate: false,
    // A mutant that makes the server wait for ever is noticed sooner.
    testTimeout: 15_000,
    hookTimeout: 60_000,
  },
})
