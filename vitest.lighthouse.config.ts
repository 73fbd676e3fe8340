import { defineConfig } from 'vitest/config'

/** `pnpm test:lighthouse`: apart from the other tests, for its scores are those of the whole machine. */
export default defineConfig({
  test: {
    include: ['web/lighthouse/**/*.test.ts'],
    globalSetup: ['server/test/harness/database-server.ts'],
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
})
