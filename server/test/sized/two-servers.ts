import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { reserveFreePort } from '../../sandbox/free-port.ts'
import type { Person } from '../harness/person.ts'
import { startServer, type ServerProcess } from '../harness/server-process.ts'
import { startStandIns, type StandIns } from '../harness/stand-ins.ts'
import { decide, open, outcomeOf } from '../harness/visit.ts'

/** Two servers on one database, which race so many times. */
export function twoServers(rounds: number): void {
  let standIns: StandIns
  let servers: [ServerProcess, ServerProcess]

  beforeAll(async () => {
    standIns = await startStandIns(await reserveFreePort())
    // One address for both, as behind a load balancer; each is reached by its own here.
    const shared = {
      APP_BASE_URL: standIns.origin,
      SIKKA_REDIRECT_URI: `${standIns.origin}/pms/sikka/oauth/callback`,
    }
    servers = await Promise.all([startServer(standIns, shared), startServer(standIns, shared)])
  })
  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]()
    await standIns.stop()
  })
  beforeEach(() => standIns.reset())

  const row = () => standIns.db.pmsIntegration.findFirstOrThrow()
  const at = ({ origin }: ServerProcess, url: string) => url.replace(standIns.origin, origin)

  /** A browser is answered within a second, also by a machine that is too busy to know more by then: so it asks again. */
  const inTime = 900
  async function locationOf(person: Person, url: string): Promise<string | null> {
    const askedAt = performance.now()
    const { location } = await open(person.browser, url)
    if (location !== `${standIns.origin}/agent/setup/pms?error=temporarily_unavailable`) return location
    expect(performance.now() - askedAt).toBeGreaterThan(inTime - 10)
    return locationOf(person, url)
  }

  describe('two servers on one database', () => {
    it('F84: a callback comes to the one, for an attempt that the other has started', async () => {
      const [a, b] = servers
      const person = await standIns.newPerson()
      const started = await a.here(person).client.pms.startConnection.mutate()
      const callback = await decide(person.browser, started.authorizationUrl)
      expect(await locationOf(person, at(b, callback))).toBe(
        `${standIns.origin}/agent/setup/pms?status=connecting&attempt=${started.attemptId}`,
      )
      expect(await outcomeOf(a.here(person), started.attemptId)).toMatchObject({ status: 'connected' })
      expect(await outcomeOf(b.here(person), started.attemptId)).toMatchObject({ status: 'connected' })
    })

    it(`AT13, F22: 50 callbacks at once are one exchange and one answer, ${rounds} times`, async () => {
      const person = await standIns.newPerson()
      for (let round = 1; round <= rounds; round++) {
        const [starting, other] = round % 2 === 0 ? servers : servers.toReversed()
        if (!starting || !other) throw new Error('There are two')
        const started = await starting.here(person).client.pms.startConnection.mutate()
        const callback = await decide(person.browser, started.authorizationUrl)
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, index) =>
            locationOf(person, at(index % 2 === 0 ? starting : other, callback)),
          ),
        )
        expect(new Set(answers)).toEqual(
          new Set([`${standIns.origin}/agent/setup/pms?status=connecting&attempt=${started.attemptId}`]),
        )
        expect(await outcomeOf(other.here(person), started.attemptId)).toMatchObject({ status: 'connected' })
      }
      const exchanges = Object.values(standIns.sikka.calls.exchangesByCode)
      expect(exchanges).toEqual(Array.from({ length: rounds }, () => 1))
      expect(await row()).toMatchObject({ status: 'ACTIVE', generation: rounds })
      // Some 25 seconds on two cores; other tests may be running.
    }, 180_000)
  })
}
