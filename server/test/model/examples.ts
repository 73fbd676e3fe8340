/** Rare pairs, which random lists of commands seldom make: each is done once in every run of the whole. */
import { removeAccount, deafen, drain } from './commands/account.ts'
import { decline } from './commands/choice.ts'
import { crash, during, heal, meanwhile } from './commands/fault.ts'
import { allow, choose, connect, deny, disconnect, start } from './commands/flow.ts'
import { hold } from './commands/hold.ts'
import { advanceClock, recover, refresh, runJobs, sweep } from './commands/time.ts'
import type { ModelCommand } from './step.ts'

/** So long after a connection its keys are due, seconds. */
const keysAreDue = 80_000

const settling = ['settle-secret', 'revoke-version', 'release-grant']

// Accounts and offices by number; the two servers are 0 and 1.
export const examples: Readonly<Record<string, readonly ModelCommand[]>> = {
  'an office that another account has': [
    connect(0, 0, 0, 'plain'),
    connect(1, 1, 0, 'plain'),
    connect(2, 0, 0, 'plain'),
  ],
  'an office that another account has, instead of the own': [
    connect(0, 0, 0, 'plain'),
    connect(1, 1, 1, 'plain'),
    connect(1, 0, 0, 'plain'),
  ],
  'a list with an office that another account has': [connect(0, 0, 0, 'plain'), connect(1, 1, 0, 'several')],
  'a list with an office that another account has had': [
    connect(0, 0, 0, 'plain'),
    disconnect(0, 1),
    runJobs(0, settling),
    connect(1, 1, 0, 'several'),
  ],
  'two that choose from lists of their own': [
    connect(0, 0, 0, 'several'),
    connect(1, 1, 1, 'several'),
    choose(0, 2, 1),
    choose(0, 2, 0),
  ],
  'another office, with a yes': [connect(0, 0, 0, 'plain'), connect(0, 1, 1, 'plain'), choose(0, 0, 0)],
  'another office, with a no': [connect(0, 0, 0, 'plain'), connect(0, 1, 1, 'plain'), decline(0, 0)],
  'a list that is declined': [connect(0, 0, 0, 'several'), decline(0, 1)],
  'a choice that is too late': [connect(0, 0, 0, 'several'), advanceClock(700), choose(0, 0, 1), decline(0, 0)],
  'more offices than anybody can choose from': [connect(0, 0, 0, 'too_many')],
  'the running keys of another account': [connect(0, 0, 0, 'plain'), connect(1, 1, 0, 'running')],
  'the running keys of another account, its office not named': [
    connect(0, 0, 0, 'plain'),
    connect(1, 1, 0, 'running_unnamed'),
  ],
  'no practice': [connect(0, 0, 0, 'no_practice'), connect(0, 1, 0, 'plain')],
  'denied, then allowed': [start(0, 0), deny(0, 1), connect(0, 0, 0, 'plain')],
  'never back': [start(0, 0), advanceClock(700), sweep(1)],
  'back in the last minute': [start(0, 0), advanceClock(500), allow(0, 1, 0, 'plain')],
  'both keys refused, then connected again': [
    connect(0, 0, 0, 'plain'),
    hold(0, 1),
    refresh(0, 0, 'both_refused'),
    connect(0, 1, 0, 'plain'),
  ],
  'keys that are due are refreshed by their job': [
    connect(0, 0, 0, 'plain'),
    advanceClock(keysAreDue),
    runJobs(1, ['refresh-keys']),
    advanceClock(keysAreDue),
    runJobs(0, ['refresh-keys']),
  ],
  'killed with the keys stored': [
    during(0, 'create_secret', 'hang_answer', connect(0, 0, 0, 'plain')),
    crash(0),
    recover(0, 1),
  ],
  'killed with the code sent': [
    during(0, 'exchange', 'hang_answer', connect(0, 0, 0, 'plain')),
    crash(0),
    recover(0, 1),
  ],
  'stopped with the keys stored': [
    during(0, 'create_secret', 'hang_answer', connect(0, 0, 0, 'plain')),
    drain(0),
    recover(0, 1),
  ],
  'stopped with the code sent': [
    during(0, 'exchange', 'hang_answer', connect(0, 0, 0, 'plain')),
    drain(0),
    recover(0, 1),
  ],
  'a worker that wakes while another stores the same keys': [
    meanwhile(0, 'create_secret', 'hang_answer', {
      first: connect(0, 0, 0, 'plain'),
      second: during(1, 'activate', 'hang', recover(0, 1)),
    }),
    heal(),
  ],
  'an account that is removed while its keys are written': [
    during(0, 'create_secret', 'hang', connect(0, 0, 0, 'plain')),
    removeAccount(0),
    sweep(1),
    runJobs(1, settling),
    heal(),
  ],
  'an account that is removed, and its office connected by another': [
    connect(0, 0, 0, 'plain'),
    hold(1, 0),
    removeAccount(0),
    sweep(1),
    runJobs(0, settling),
    connect(1, 1, 0, 'plain'),
  ],
  'changes that a server is not notified of': [
    connect(0, 0, 0, 'plain'),
    hold(0, 0),
    deafen(0),
    disconnect(0, 1),
    heal(),
    hold(0, 0),
    connect(0, 1, 0, 'plain'),
  ],
}
