import * as attempts from './attempts.ts'
import * as choices from './choices.ts'
import * as endings from './end-attempt.ts'
import * as integrations from './integrations.ts'
import * as refresh from './refresh.ts'
import * as reservations from './reserve-office.ts'
import { bind, type Store } from './store.ts'
import * as work from './work.ts'

const { readChoices: _, ...choosing } = choices
const { overdueChoice: _which, ...ending } = endings

/** Every step that a use case may take, by subject. */
export function openStore(store: Store) {
  return {
    attempts: bind(attempts, store),
    work: bind({ ...work, ...choosing, ...reservations, ...ending }, store),
    integrations: bind({ ...integrations, ...refresh }, store),
  }
}

type Steps = ReturnType<typeof openStore>
/** Attempts until they are claimed. */
export type Attempts = Steps['attempts']
/** Claimed attempts. */
export type Work = Steps['work']
export type Integrations = Steps['integrations']
