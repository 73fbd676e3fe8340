import * as fc from 'fast-check'
import type { AsyncCommand } from 'fast-check'
import { newModel, type Model } from './model.ts'
import { deafen, drain, removeAccount } from './commands/account.ts'
import { decline } from './commands/choice.ts'
import { hold } from './commands/hold.ts'
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
  slow,
  writeErrors,
} from './commands/fault.ts'
import { advanceClock, expire, look, recover, refresh, runJobs, sweep } from './commands/time.ts'
import { quiesce } from './quiesce.ts'
import { lineNames } from './servers.ts'
import { serversHere, type World } from './world.ts'

import {
  accounts,
  account,
  offices,
  office,
  officeFor,
  index,
  here,
  anywhere,
  ordinary,
  anyScenario,
  point,
  attemptPoint,
  refreshPoint,
  jobPoint,
  disconnectPoint,
  breaking,
  anyRefresh,
  jobKinds,
  race,
} from './races.ts'

const mostCommands = 14

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
  { weight: 6, arbitrary: fc.tuple(account, anywhere).map((of) => start(...of)) },
  { weight: 5, arbitrary: fc.tuple(index, here, fc.nat(offices - 1), anyScenario).map((of) => allow(...of)) },
  { weight: 5, arbitrary: fc.tuple(index, anywhere).map((of) => deny(...of)) },
  { weight: 12, arbitrary: fc.tuple(index, fc.nat(2), here).map((of) => choose(...of)) },
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
  { weight: 6, arbitrary: fc.tuple(index, here).map((of) => decline(...of)) },
  { weight: 6, arbitrary: fc.tuple(account, here).map((of) => hold(...of)) },
  { weight: 2, arbitrary: account.map((who) => removeAccount(who)) },
  { weight: 2, arbitrary: here.map((at) => drain(at)) },
  { weight: 2, arbitrary: here.map((at) => deafen(at)) },
  { weight: 8, arbitrary: fc.constant(null).map(() => heal()) },
  { weight: 4, arbitrary: here.map((at) => crash(at)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(account, attemptPoint, fc.constantFrom('hang', 'hang_answer'), office)
      .map((of) => killedAt(...of)),
  },
  { weight: 4, arbitrary: fc.constantFrom(5, 11, 70, 700, 80_000).map((seconds) => advanceClock(seconds)) },
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
