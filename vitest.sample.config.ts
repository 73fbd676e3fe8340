import { defineConfig } from 'vitest/config'
import mutation from './vitest.mutation.config.ts'

/** HTTP tests that cover most of the server. Tests that start server processes would not help: only Vitest's own process has the mutant. */
const system = [
  'attempts,callback,callback-faults,choosing,connect,cross-site,database-pool,database-faults,disconnect,disconnect-faults,edge,endings',
  'former-prefix,identity,invariants,job-queue,jobs-of-many,limits,no-secret-told,other-hands,practices,preflight,refresh',
  'refresh-answers,refresh-races,refresh-refused,refresh-schedule,refresh-storage,secrets-manager-faults,secrets-manager-recovery',
  'session-settings,sikka-faults,status,status-order,status-over-http,sweep,unnamed-office,ways-of-asking',
].join(',')

/** The tests that run against sampled mutants. More would kill few more, and every survivor has to pass all of them. */
export default defineConfig({
  test: {
    ...mutation.test,
    include: ['server/src/**/*.test.ts', 'server/test/vault/*.test.ts', `server/test/{${system}}.test.ts`],
    // Loading the server for each file would take most of the time.
    isolate: false,
    // Some mutants make a test hang.
    testTimeout: 15_000,
  },
})
