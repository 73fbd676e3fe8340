import { expect, it } from 'vitest'
import { byHand } from './harness/by-hand.ts'
import { asks } from './harness/crash.ts'
import { violations } from './harness/invariants.ts'
import { jobsAreDue, jobsOfTheDeadComeAgain } from './harness/jobs.ts'
import { databaseTime, freePort, startServer } from './harness/server-process.ts'
import { startStandIns } from './harness/stand-ins.ts'
import { until } from './harness/until.ts'
import { connect } from './harness/visit.ts'

it('a server that is killed after it has deleted a secret, which a new consent needs: the secret comes back', async () => {
  await using system = await startStandIns(await freePort())
  const person = await system.newPerson()
  const row = () => system.db.pmsIntegration.findFirstOrThrow()
  await using dying = await startServer(system)
  await connect(dying.here(person))
  dying.lines.secretsManager.set({ kind: 'hang', when: asks('DeleteSecret', (await row()).accountId) })
  await dying.here(person).client.pms.disconnect.mutate()
  await dying.lines.secretsManager.struck()
  const killedAt = new Date(await databaseTime(system))
  await dying.crash()
  await using survivor = await startServer(system)
  expect((await connect(survivor.here(person))).outcome).toMatchObject({ status: 'connected' })
  await jobsAreDue(system, 'settle-secret')
  // All that this consent has asked for is done; what is left was in the hands of the dead.
  await until(async () => {
    const others = await system.db.$queryRaw<unknown[]>`
      SELECT 1 FROM pgboss.job
      WHERE name = 'settle-secret' AND (state < 'active' OR state = 'active' AND started_on > ${killedAt})`
    return others.length === 0
  })

  // What it had sent arrives, and nobody is there to look again whether that was right.
  using hand = byHand(system)
  await hand.scheduleDeletion(await row())
  await expect(system.readSecret(await row())).rejects.toThrow('marked for deletion')
  await jobsOfTheDeadComeAgain(system)
  await until(async () => (await violations(system)).length === 0)
  expect(await row()).toMatchObject({ status: 'ACTIVE' })
  expect(await system.readSecret(await row())).toMatchObject({ officeId: 'D00001' })
})
