import { defineConfig } from 'vitest/config'
import mutation from './vitest.mutation.config.ts'

/** Tests of the server over HTTP that together meet most of it. Those of processes are of no use: their server has no mutant. */
const system = [
  'attempts,callback,callback-faults,choosing,connect,cross-site,database-pool,database-faults,disconnect,disconnect-faults,edge,endings',
  'former-prefix,identity,invariants,job-queue,jobs-of-many,limits,no-secret-told,other-hands,practices,preflight,refresh',
  'refresh-answers,refresh-races,refresh-refused,refresh-schedule,refresh-storage,secrets-manager-faults,secrets-manager-recovery',
  'session-settings,sikka-faults,status,status-order,status-over-http,sweep,unnamed-office,ways-of-asking',
].join(',')

/** What the sampled mutants are killed with. More tests would find little more, and each survivor takes all of them. */
export default defineConfig({
  test: {
    ...mutation.test,
    include: ['server/src/**/*.test.ts', 'server/test/vault/*.test.ts', `server/test/{${system}}.test.ts`],
    // Loading the server for each file would take most of the time.
    isolate: false,
    // A mutant that makes the server wait for ever is noticed sooner.
    testTimeout: 15_000,
  },
})
