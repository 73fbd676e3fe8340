import { defineConfig } from 'vitest/config'

/** What compares times, or fills the machine by itself: beside other tests these would measure those. */
const alone = ['server/test/flood.slow.test.ts', 'server/test/held-requests.slow.test.ts']

/** `pnpm test:slow`: what takes long and finds little in each run; a shorter version of most of it is in `pnpm test`. */
export default defineConfig({
  test: {
    globalSetup: ['server/test/harness/database-server.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    isolate: false,
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'test-slow-report.json' }]] : ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'beside each other',
          include: ['{server,web}/**/*.slow.test.ts'],
          exclude: ['**/node_modules/**', ...alone],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
})
