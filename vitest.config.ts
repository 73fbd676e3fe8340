import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Those that take half a minute and more, the longest first. */
const long = ['model', 'process', 'connect', 'drain', 'disconnect', 'callback']

/**
 * Long files run first, so that none of them runs alone at the end. Every third file is a browser test: those use a whole core,
 * while most others wait for processes and leases.
 */
class Mixed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = long.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
      return index === -1 ? long.length : index
    }
    const sorted = (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
    const { browser = [], other = [] } = Object.groupBy(sorted, ({ moduleId }) =>
      moduleId.includes('/web/e2e/') ? 'browser' : 'other',
    )
    const mixed = browser.flatMap((file, index) => [file, ...other.slice(2 * index, 2 * index + 2)])
    return [...mixed, ...other.slice(2 * browser.length)]
  }
}

/** `pnpm test:slow` has these. */
const slow = ['**/*.slow.test.ts']

/** Three kinds of tests, one run; `vitest run server/test` or any other path runs a part of it. */
export default defineConfig({
  test: {
    // More than half of the time is spent waiting for other processes and for leases, so three files at a time on two cores.
    maxWorkers: 3,
    // Loading the server again for each file would take three seconds of a core. The product's modules keep no state.
    isolate: false,
    sequence: { sequencer: Mixed },
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'test-report.json' }]] : ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'shared/src/**/*.test.ts',
            'server/src/**/*.test.ts',
            'server/test/{faults,mutation}/**/*.test.ts',
            'web/src/**/*.test.ts',
          ],
          exclude: slow,
        },
      },
      {
        test: {
          name: 'sandbox',
          include: ['server/sandbox/**/*.test.ts'],
          exclude: slow,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          // The whole system, over HTTP and in a browser. One PostgreSQL server for all, each file with a database of its own.
          name: 'system',
          include: ['server/test/**/*.test.ts', 'web/e2e/**/*.test.ts'],
          exclude: ['server/test/{faults,mutation}/**', ...slow],
          globalSetup: ['server/test/harness/database-server.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
