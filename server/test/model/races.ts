/** What commands are made of, and two of them at once. */
import * as fc from 'fast-check'
import { choose, connect, disconnect, haveConnection } from './commands/flow.ts'
import { again } from './commands/intruder.ts'
import { during, meanwhile, points, type Break, type PointName } from './commands/fault.ts'
import { advanceClock, expire, recover, refresh, refreshes, runJobs, type RefreshName } from './commands/time.ts'
import type { ScenarioName } from './model.ts'
import type { ModelCommand } from './step.ts'
import { serversHere } from './world.ts'

export const accounts = 3
export const account = fc.nat(accounts - 1)
/** Few enough for conflicts. */
export const offices = 2
/** Which one, counted from the account's own. */
export const office = fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(offices - 1) })
export const officeFor = (who: number, what: number): number => (who + what) % offices
export const index = fc.nat(5)
export const here = fc.nat(serversHere - 1)
/** The process is slower: it has the list of practices wait as in production. */
export const anywhere = fc.oneof({ weight: 6, arbitrary: here }, { weight: 1, arbitrary: fc.constant(serversHere) })
export const ordinary = fc.oneof(
  { weight: 3, arbitrary: fc.constant<ScenarioName>('plain') },
  { weight: 2, arbitrary: fc.constant<ScenarioName>('several') },
)
export const anyScenario = fc.oneof(
  { weight: 12, arbitrary: ordinary },
  { weight: 3, arbitrary: fc.constantFrom<ScenarioName>('refused', 'no_practice', 'no_secret_key', 'html') },
  { weight: 1, arbitrary: fc.constant<ScenarioName>('busy') },
)
const pointNames = Object.keys(points) as PointName[]
export const point = fc.constantFrom(...pointNames)
/** Where a connection can be stopped, and what else. */
export const attemptPoint = fc.constantFrom<PointName>(
  'claim',
  'start_exchange',
  'exchange',
  'record_keys',
  'list',
  'offer_choices',
  'start_storing',
  'create_secret',
  'put_secret',
  'restore_secret',
  'activate',
  'commit',
  'describe_secret',
  'promote',
)
export const refreshPoint = fc.constantFrom<PointName>(
  'read_secret',
  'exchange',
  'put_secret',
  'save_refreshed',
  'promote',
)
/** Once it is taken over: before anything is decided, and before that is written. */
const recoverPoint = fc.constantFrom<PointName>('end', 'end', 'read_secret', 'commit', 'activate', 'list')
export const jobPoint = fc.constantFrom<PointName>(
  'describe_secret',
  'read_secret',
  'revoke',
  'delete_secret',
  'promote',
  'restore_secret',
)
export const disconnectPoint = fc.constantFrom<PointName>('end', 'disconnect', 'commit')
/** Held is what others can come between; broken is over at once. */
export const breaking = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<Break>('hang', 'hang_answer') },
  { weight: 1, arbitrary: fc.constantFrom<Break>('reset', 'reset_answer') },
)
export const anyRefresh = fc.constantFrom(...(Object.keys(refreshes) as RefreshName[]))
export const jobKinds = fc.constantFrom(
  ['settle-secret'],
  ['settle-secret', 'revoke-version', 'release-grant'],
  ['watch-attempt'],
  ['release-grant'],
  ['refresh-keys'],
)

interface Stopped {
  where: PointName
  prepare?: ModelCommand
  first: ModelCommand
}

/** What may be stopped, of one account at one server, and where. */
const stopped = (who: number, at: number): fc.Arbitrary<Stopped> => {
  const prepare = haveConnection(who, at, officeFor(who, 0))
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(attemptPoint, office, ordinary)
        .map(([where, what, how]) => ({ where, first: connect(who, at, officeFor(who, what), how) })),
    },
    {
      weight: 5,
      arbitrary: fc
        .tuple(refreshPoint, anyRefresh)
        .map(([where, how]) => ({ where, prepare, first: refresh(who, at, how) })),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(attemptPoint, index, fc.nat(2))
        .map(([where, flow, choice]) => ({ where, first: choose(flow, choice, at) })),
    },
    { weight: 1, arbitrary: disconnectPoint.map((where) => ({ where, prepare, first: disconnect(who, at) })) },
    {
      weight: 3,
      arbitrary: fc.tuple(jobPoint, jobKinds).map(([where, kinds]) => ({ where, prepare, first: runJobs(at, kinds) })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(recoverPoint, index).map(([where, flow]) => ({ where, first: recover(flow, at) })),
    },
  )
}

/** What may be done meanwhile, of the same account at the other server. */
const done = (who: number, at: number) =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(office, ordinary).map(([what, how]) => connect(who, at, officeFor(who, what), how)),
    },
    { weight: 4, arbitrary: fc.constant(null).map(() => refresh(who, at, 'well')) },
    { weight: 3, arbitrary: fc.constant(null).map(() => disconnect(who, at)) },
    { weight: 3, arbitrary: index.map((flow) => recover(flow, at)) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(recoverPoint, fc.constantFrom<Break>('hang', 'hang_answer'), index)
        .map(([where, kind, flow]) => during(at, where, kind, recover(flow, at))),
    },
    { weight: 2, arbitrary: jobKinds.map((kinds) => runJobs(at, kinds)) },
    { weight: 1, arbitrary: index.map((flow) => expire(flow)) },
    { weight: 1, arbitrary: fc.tuple(index, fc.boolean()).map(([flow, other]) => again(flow, at, other)) },
    { weight: 1, arbitrary: fc.constantFrom(11, 70, 700).map((seconds) => advanceClock(seconds)) },
  )

export const race = fc
  .tuple(account, here)
  .chain(([who, at]) =>
    fc
      .tuple(stopped(who, at), fc.constantFrom('hang', 'hang_answer'), done(who, (at + 1) % serversHere))
      .map(([{ where, ...first }, kind, second]) => meanwhile(at, where, kind, { ...first, second })),
  )
