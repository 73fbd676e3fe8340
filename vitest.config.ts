import { defineConfig } from 'vitest/config'

/** Three kinds of tests, one run; `vitest run server/test` or any other path runs a part of it. */
export default defineConfig({
  test: {
    // More than half of the time is spent waiting for other processes and for leases, so three files at a time on two cores.
    maxWorkers: 3,
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'test-report.json' }]] : ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'shared/src/**/*.test.ts',
            'server/src/**/*.test.ts',
            'server/test/faults/**/*.test.ts',
            'web/src/**/*.test.ts',
          ],
        },
      },
      {
        test: { name: 'sandbox', include: ['server/sandbox/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
      },
      {
        test: {
          // The whole system, over HTTP and in a browser. One PostgreSQL server for all, each file with a database of its own.
          name: 'system',
          include: ['server/test/**/*.test.ts', 'web/e2e/**/*.test.ts'],
          exclude: ['server/test/faults/**'],
          globalSetup: ['server/test/harness/database-server.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
