import { defineConfig } from 'vitest/config'

/** `pnpm test:speed`: apart from the other tests, for what it measures is the whole machine's. */
export default defineConfig({
  test: {
    include: ['web/speed/**/*.test.ts'],
    globalSetup: ['server/test/harness/database-server.ts'],
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
})
