import { defineConfig } from 'vitest/config'

/** What `pnpm test:mutation` kills mutants with: what is beside the mutated files, and the server over HTTP. */
export default defineConfig({
  test: {
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
