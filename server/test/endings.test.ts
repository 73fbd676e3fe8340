import type { AuditEvent } from '@pms/prisma/client'
import { describe, expect, it } from 'vitest'
import { stage } from './harness/stage.ts'
import { choose, connect, decide, open } from './harness/visit.ts'

const on = stage()

const last: AuditEvent[] = ['CONNECTED', 'FAILED', 'DENIED', 'EXPIRED', 'CANCELLED']

async function start() {
  const started = await on.person.client.pms.startConnection.mutate()
  return { ...started, callback: await decide(on.person.browser, started.authorizationUrl) }
}

/** An attempt whose worker waits for that answer. */
async function waitingFor(line: 'sikka' | 'secretsManager', when: string): Promise<string> {
  const { attemptId, callback } = await start()
  on.system.lines[line].set({ kind: 'hang_answer', when })
  await open(on.person.browser, callback)
  await on.system.lines[line].struck()
  return attemptId
}

/** An attempt that its user has to choose for. */
async function choosing() {
  on.system.sikka.setScenario({ issuedTo: 'absent', practices: 'several' })
  return connect(on.person)
}

const letPass = async (column: 'expiresAt' | 'deadline' | 'leaseUntil', id: string) => {
  await on.system.db.$executeRawUnsafe(
    `UPDATE pms_connection_attempts SET "${column}" = now() - interval '11 seconds' WHERE id = '${id}'::uuid`,
  )
}

/** Everything that could end it once more, at once, twice. */
async function tryToEndAgain(attemptId: string, callback?: string) {
  on.system.lines.sikka.heal()
  on.system.lines.secretsManager.heal()
  await on.system.finishWork()
  for (let round = 0; round < 2; round++) {
    await Promise.all([
      on.system.watch(attemptId),
      on.system.watch(attemptId),
      on.system.sweep(),
      ...(callback === undefined ? [] : [open(on.person.browser, callback), open(on.person.browser, callback)]),
    ])
    await letPass('deadline', attemptId)
    await letPass('leaseUntil', attemptId)
    await letPass('expiresAt', attemptId)
  }
  await on.person.client.pms.disconnect.mutate()
  await on.system.watch(attemptId)
  await on.system.finishWork()
}

/** How its audit says that it ended; the status of its row goes with it. */
async function endingsOf(attemptId: string) {
  const where = { attemptId, event: { in: last } }
  const events = await on.system.db.pmsAuditEvent.findMany({ where })
  const { status, finishedAt } = await on.system.db.pmsConnectionAttempt.findUniqueOrThrow({ where: { id: attemptId } })
  expect(finishedAt).not.toBeNull()
  return [status, ...events.map(({ event }) => event)]
}

describe('I11: an attempt has one last audit event', () => {
  it.each<[string, string, AuditEvent, () => Promise<{ attemptId: string; callback?: string }>]>([
    ['that connects', 'COMPLETED', 'CONNECTED', () => connect(on.person)],
    [
      'whose code is refused',
      'FAILED',
      'FAILED',
      async () => {
        on.system.sikka.setScenario({ code: 'refuse' })
        return connect(on.person)
      },
    ],
    [
      'that comes back with nothing',
      'FAILED',
      'FAILED',
      async () => {
        on.system.sikka.setScenario({ return: 'nothing' })
        return connect(on.person)
      },
    ],
    [
      'that is denied',
      'CANCELLED',
      'DENIED',
      async () => {
        const { attemptId, authorizationUrl } = await on.person.client.pms.startConnection.mutate()
        const callback = await decide(on.person.browser, authorizationUrl, { decision: 'deny' })
        await open(on.person.browser, callback)
        return { attemptId, callback }
      },
    ],
    [
      'whose practice is another account’s',
      'FAILED',
      'FAILED',
      async () => {
        await connect(await on.system.newPerson())
        return connect(on.person)
      },
    ],
    [
      'that comes back too late',
      'EXPIRED',
      'EXPIRED',
      async () => {
        const { attemptId, callback } = await start()
        await letPass('expiresAt', attemptId)
        await open(on.person.browser, callback)
        return { attemptId, callback }
      },
    ],
    [
      'that never comes back',
      'EXPIRED',
      'EXPIRED',
      async () => {
        const { attemptId, callback } = await start()
        await letPass('expiresAt', attemptId)
        return { attemptId, callback }
      },
    ],
    [
      'whose user does not choose',
      'EXPIRED',
      'EXPIRED',
      async () => {
        const { attemptId, callback } = await choosing()
        await letPass('deadline', attemptId)
        return { attemptId, callback }
      },
    ],
    [
      'whose user chooses',
      'COMPLETED',
      'CONNECTED',
      async () => {
        const { attemptId, callback, outcome } = await choosing()
        await choose(on.person, outcome, 'Happy Dental Clinic')
        return { attemptId, callback }
      },
    ],
    [
      'whose account disconnects while it waits for Sikka',
      'CANCELLED',
      'CANCELLED',
      async () => {
        const attemptId = await waitingFor('sikka', 'POST /v4/request_key')
        await on.person.client.pms.disconnect.mutate()
        return { attemptId }
      },
    ],
    [
      'whose account disconnects while it may choose',
      'CANCELLED',
      'CANCELLED',
      async () => {
        const { attemptId, callback } = await choosing()
        await on.person.client.pms.disconnect.mutate()
        return { attemptId, callback }
      },
    ],
    [
      'that its worker leaves before the keys are stored',
      'FAILED',
      'FAILED',
      async () => {
        const attemptId = await waitingFor('sikka', 'GET /v4/authorized_practices')
        await letPass('leaseUntil', attemptId)
        await on.system.watch(attemptId)
        return { attemptId }
      },
    ],
    [
      'that its worker leaves after the keys are stored',
      'COMPLETED',
      'CONNECTED',
      async () => {
        const attemptId = await waitingFor('secretsManager', 'CreateSecret')
        on.system.lines.secretsManager.set({ kind: 'hang_answer', when: 'CreateSecret' })
        await letPass('leaseUntil', attemptId)
        await on.system.watch(attemptId)
        return { attemptId }
      },
    ],
    [
      'that takes longer than it may',
      'FAILED',
      'FAILED',
      async () => {
        const attemptId = await waitingFor('secretsManager', 'CreateSecret')
        await letPass('deadline', attemptId)
        return { attemptId }
      },
    ],
  ])('%s: %s, %s, whatever tries to end it again', async (_, status, event, make) => {
    const { attemptId, callback } = await make()
    await tryToEndAgain(attemptId, callback)
    expect(await endingsOf(attemptId)).toEqual([status, event])
  })

  it('that is ended in five ways at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const attemptId = await waitingFor('secretsManager', 'CreateSecret')
      await letPass('leaseUntil', attemptId)
      on.system.lines.secretsManager.heal()
      await Promise.all([
        on.system.watch(attemptId),
        letPass('deadline', attemptId),
        on.system.watch(attemptId),
        on.person.client.pms.disconnect.mutate(),
      ])
      await on.system.finishWork()
      await on.system.watch(attemptId)
      const [status, ...events] = await endingsOf(attemptId)
      expect(events).toEqual([status === 'COMPLETED' ? 'CONNECTED' : status])
      await on.system.reset()
    }
  })
})

it('S15: a running server sweeps: it has the schedule, and does what the schedule sends', async () => {
  expect(await on.system.db.$queryRaw`SELECT name, cron FROM pgboss.schedule`).toEqual([
    { name: 'sweep', cron: '* * * * *' },
  ])
  const { accountId } = await on.person.client.account.current.query()
  await on.system.db.pmsAbandonedSecret.create({ data: { accountId } })
  await on.system.db.$executeRaw`INSERT INTO pgboss.job (name, data) VALUES ('sweep', '{}')`
  await on.system.until(async () => (await on.system.db.pmsAbandonedSecret.count()) === 0)
})
