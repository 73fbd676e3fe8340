import * as fc from 'fast-check'
import type { AsyncCommand } from 'fast-check'
import { newModel, type Model } from './model.ts'
import { allow, choose, connect, deny, disconnect, start } from './commands/flow.ts'
import { again, intrude, intrusions } from './commands/intruder.ts'
import {
  breaks,
  crash,
  cut,
  during,
  failingSecrets,
  fault,
  heal,
  killedAt,
  meanwhile,
  points,
  slow,
  writeErrors,
  type Break,
  type PointName,
} from './commands/fault.ts'
import {
  advanceClock,
  expire,
  look,
  recover,
  refresh,
  refreshes,
  runJobs,
  sweep,
  type RefreshName,
} from './commands/time.ts'
import type { ScenarioName } from './model.ts'
import { quiesce } from './quiesce.ts'
import { lineNames } from './servers.ts'
import { serversHere, type World } from './world.ts'

const accounts = 3
const mostCommands = 14

const account = fc.nat(accounts - 1)
/** Few enough for conflicts. */
const offices = 3
/** Which one, counted from the account's own. */
const office = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(offices - 1) })
const officeFor = (who: number, what: number): number => (who + what) % offices
const index = fc.nat(5)
const here = fc.nat(serversHere - 1)
/** The process is slower: it has the list of practices wait as in production. */
const anywhere = fc.oneof({ weight: 6, arbitrary: here }, { weight: 1, arbitrary: fc.constant(serversHere) })
const ordinary = fc.oneof(
  { weight: 8, arbitrary: fc.constant<ScenarioName>('plain') },
  { weight: 2, arbitrary: fc.constant<ScenarioName>('several') },
)
const anyScenario = fc.oneof(
  { weight: 12, arbitrary: ordinary },
  { weight: 3, arbitrary: fc.constantFrom<ScenarioName>('refused', 'no_practice', 'no_secret_key', 'html') },
  { weight: 1, arbitrary: fc.constant<ScenarioName>('busy') },
)
const pointNames = Object.keys(points) as PointName[]
const point = fc.constantFrom(...pointNames)
/** Where a connection can be stopped, and what else. */
const attemptPoint = fc.constantFrom<PointName>(
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
  'complete',
  'activate',
  'commit',
  'describe_secret',
  'promote',
)
const refreshPoint = fc.constantFrom<PointName>(
  'read_secret',
  'exchange',
  'put_secret',
  'save_refreshed',
  'commit',
  'promote',
)
const recoverPoint = fc.constantFrom<PointName>(
  'read_secret',
  'complete',
  'activate',
  'commit',
  'end',
  'list',
  'put_secret',
)
const jobPoint = fc.constantFrom<PointName>(
  'describe_secret',
  'read_secret',
  'revoke',
  'delete_secret',
  'promote',
  'restore_secret',
)
const disconnectPoint = fc.constantFrom<PointName>('end', 'disconnect', 'commit')
/** Held is what others can come between; broken is over at once. */
const breaking = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<Break>('hang', 'hang_answer') },
  { weight: 1, arbitrary: fc.constantFrom<Break>('reset', 'reset_answer') },
)
const anyRefresh = fc.constantFrom(...(Object.keys(refreshes) as RefreshName[]))
const jobKinds = fc.constantFrom(
  ['settle-secret'],
  ['settle-secret', 'revoke-version', 'release-grant'],
  ['watch-attempt'],
  ['release-grant'],
)

/** What may be stopped, of one account at one server, and where. */
const stopped = (who: number, at: number) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(attemptPoint, office, ordinary)
        .map(([where, what, how]) => [where, connect(who, at, officeFor(who, what), how)] as const),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(refreshPoint, anyRefresh).map(([where, how]) => [where, refresh(who, at, how)] as const),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(attemptPoint, index, fc.nat(2))
        .map(([where, flow, choice]) => [where, choose(flow, choice, at)] as const),
    },
    { weight: 1, arbitrary: disconnectPoint.map((where) => [where, disconnect(who, at)] as const) },
    {
      weight: 3,
      arbitrary: fc.tuple(jobPoint, jobKinds).map(([where, kinds]) => [where, runJobs(at, kinds)] as const),
    },
    { weight: 3, arbitrary: recoverPoint.chain((where) => index.map((flow) => [where, recover(flow, at)] as const)) },
  )

/** What may be done meanwhile, of the same account at the other server. */
const done = (who: number, at: number) =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(office, ordinary).map(([what, how]) => connect(who, at, officeFor(who, what), how)),
    },
    { weight: 4, arbitrary: fc.constant(null).map(() => refresh(who, at, 'well')) },
    { weight: 3, arbitrary: fc.constant(null).map(() => disconnect(who, at)) },
    { weight: 4, arbitrary: index.map((flow) => recover(flow, at)) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(recoverPoint, fc.constantFrom<Break>('hang', 'hang_answer'), index)
        .map(([where, kind, flow]) => during(at, where, kind, recover(flow, at))),
    },
    { weight: 2, arbitrary: jobKinds.map((kinds) => runJobs(at, kinds)) },
    { weight: 1, arbitrary: index.map((flow) => expire(flow)) },
    { weight: 1, arbitrary: fc.tuple(index, fc.boolean()).map(([flow, other]) => again(flow, at, other)) },
    { weight: 1, arbitrary: fc.constantFrom(11, 70, 700).map((seconds) => advanceClock(seconds)) },
  )

const race = fc
  .tuple(account, here)
  .chain(([who, at]) =>
    fc
      .tuple(stopped(who, at), fc.constantFrom('hang', 'hang_answer'), done(who, (at + 1) % serversHere))
      .map(([[where, first], kind, second]) => meanwhile(at, where, kind, first, second)),
  )

const commandArbitraries = [
  { weight: 20, arbitrary: race },
  {
    weight: 14,
    arbitrary: fc
      .tuple(account, here, office, anyScenario)
      .map(([who, at, what, how]) => connect(who, at, officeFor(who, what), how)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(account, office, ordinary)
      .map(([who, what, how]) => connect(who, serversHere, officeFor(who, what), how)),
  },
  { weight: 4, arbitrary: fc.tuple(account, anywhere).map((of) => start(...of)) },
  { weight: 5, arbitrary: fc.tuple(index, here, fc.nat(offices - 1), anyScenario).map((of) => allow(...of)) },
  { weight: 2, arbitrary: fc.tuple(index, anywhere).map((of) => deny(...of)) },
  { weight: 5, arbitrary: fc.tuple(index, fc.nat(2), here).map((of) => choose(...of)) },
  { weight: 5, arbitrary: fc.tuple(account, anywhere).map((of) => disconnect(...of)) },
  { weight: 3, arbitrary: fc.tuple(index, anywhere, fc.constantFrom(...intrusions)).map((of) => intrude(...of)) },
  { weight: 4, arbitrary: fc.tuple(index, anywhere, fc.boolean()).map((of) => again(...of)) },
  { weight: 4, arbitrary: fc.tuple(here, point, fc.constantFrom(...breaks)).map((of) => fault(...of)) },
  {
    weight: 14,
    arbitrary: fc
      .tuple(here, attemptPoint, breaking, account, office, ordinary)
      .map(([at, where, kind, ...[who, what, how]]) =>
        during(at, where, kind, connect(who, at, officeFor(who, what), how)),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(here, attemptPoint, breaking, index, fc.nat(2))
      .map(([at, where, kind, flow, choice]) => during(at, where, kind, choose(flow, choice, at))),
  },
  {
    weight: 7,
    arbitrary: fc
      .tuple(here, refreshPoint, breaking, account, anyRefresh)
      .map(([at, where, kind, who, how]) => during(at, where, kind, refresh(who, at, how))),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(here, jobPoint, breaking, jobKinds)
      .map(([at, where, kind, kinds]) => during(at, where, kind, runJobs(at, kinds))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(here, disconnectPoint, breaking, account)
      .map(([at, where, kind, who]) => during(at, where, kind, disconnect(who, at))),
  },
  { weight: 1, arbitrary: fc.tuple(here, fc.constantFrom(...lineNames)).map((of) => cut(...of)) },
  { weight: 1, arbitrary: fc.tuple(here, fc.constantFrom(...lineNames)).map((of) => slow(...of)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...writeErrors),
        fc.constantFrom('ThrottlingException', 'InternalServiceError'),
        fc.boolean(),
      )
      .map((of) => failingSecrets(...of)),
  },
  { weight: 8, arbitrary: fc.constant(null).map(() => heal()) },
  { weight: 4, arbitrary: here.map((at) => crash(at)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(account, attemptPoint, fc.constantFrom('hang', 'hang_answer'), office)
      .map((of) => killedAt(...of)),
  },
  { weight: 3, arbitrary: fc.constantFrom(5, 11, 70, 700).map((seconds) => advanceClock(seconds)) },
  { weight: 3, arbitrary: index.map((of) => expire(of)) },
  { weight: 6, arbitrary: fc.tuple(index, here).map((of) => recover(...of)) },
  { weight: 2, arbitrary: fc.tuple(index, here).map((of) => look(...of)) },
  { weight: 5, arbitrary: fc.tuple(here, jobKinds).map((of) => runJobs(...of)) },
  { weight: 1, arbitrary: here.map((at) => sweep(at)) },
  { weight: 8, arbitrary: fc.tuple(account, here, anyRefresh).map((of) => refresh(...of)) },
]

export type Commands = Iterable<AsyncCommand<Model, World>>

export function commandLists(replayPath: string | undefined): fc.Arbitrary<Commands> {
  const { oneof } = fc
  return fc.commands([oneof(...commandArbitraries)], {
    maxCommands: mostCommands,
    size: 'max',
    ...(replayPath === undefined ? {} : { replayPath }),
  })
}

/** One run: fresh accounts, the commands with everything looked at after each, and the quiet end. */
export async function runOnce(world: World, commands: Commands): Promise<void> {
  const model = newModel(accounts)
  await fc.asyncModelRun(async () => {
    await world.startRun(accounts)
    return { model, real: world }
  }, commands)
  await quiesce(world, model)
}
