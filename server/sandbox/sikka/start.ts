import { Hono } from 'hono'
import { authorizationRoutes } from './authorization-page.ts'
import { authorizationPath } from './authorization-request.ts'
import { authorizedPracticesRoute } from './authorized-practices.ts'
import { callPlan } from './call-plan.ts'
import { noCalls, type Calls } from './calls.ts'
import { refuseAs, type Cloud } from './cloud.ts'
import { codes } from './codes.ts'
import { controlRoutes } from './control.ts'
import { fakeKeys } from './fake-keys.ts'
import { healthRoutes } from './health.ts'
import { ledgerFile } from './ledger-file.ts'
import { ledger } from './ledger.ts'
import { listen } from '../listen.ts'
import { requestKeyRoute } from './request-key.ts'
import { revocationRoutes } from './revocation.ts'
import { globalScenario, type Scenario } from './scenario.ts'

export interface SikkaOptions {
  /** default 127.0.0.1 */
  host?: string
  /** default 0: any free port */
  port?: number
  appId: string
  appKey: string
  /** compared to the letter; `loopback` takes any http URL of this machine */
  redirectUris: readonly string[] | 'loopback'
  /** keeps authorized offices and keys over restarts; without it they end with the process */
  folder?: string
  /** default: the system's clock */
  now?: () => Date
}

/** A running stand-in for Sikka's cloud. */
export interface Sikka extends AsyncDisposable {
  /** value of `SIKKA_API_URL` */
  origin: string
  /** value of `SIKKA_OAUTH_URL` */
  authorizationPage: string
  /** the global scenario: it holds where nobody chose otherwise on the page */
  readonly scenario: Scenario
  /** Sets some switches. @throws {z.ZodError} on an unknown switch or value */
  setScenario(part: Partial<Scenario>): Scenario
  resetScenario(): Scenario
  readonly calls: Calls
  resetCalls(): void
  /** Stops at once; open connections are cut. */
  close(): Promise<void>
}

/**
 * Starts the stand-in.
 * @throws when the address is taken, or `folder` holds a file that it did not write
 */
export async function startSikka(options: SikkaOptions): Promise<Sikka> {
  const { appId, appKey, redirectUris, now = () => new Date() } = options
  const file = ledgerFile(options.folder)
  const fakeKey = fakeKeys()
  const books = ledger(await file.load(now()), fakeKey, now)
  const cloud: Cloud = {
    application: { id: appId, key: appKey },
    redirectUris,
    scenario: globalScenario(),
    ledger: books,
    codes: codes(fakeKey, now),
    calls: noCalls(),
    now,
    save: () => file.save(books.records),
  }
  const listener = await listen(sikkaApp(cloud).fetch, options)
  const close = async () => {
    await listener.close()
    await cloud.save()
  }
  return {
    origin: listener.origin,
    authorizationPage: `${listener.origin}${authorizationPath}`,
    get scenario() {
      return cloud.scenario.current
    },
    setScenario: (part) => cloud.scenario.patch(part),
    resetScenario: () => cloud.scenario.replace({}),
    calls: cloud.calls,
    resetCalls: () => void Object.assign(cloud.calls, noCalls()),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function sikkaApp(cloud: Cloud): Hono {
  return new Hono()
    .use('/v4/*', callPlan(cloud))
    .route('/', authorizationRoutes(cloud))
    .route('/', requestKeyRoute(cloud))
    .route('/', authorizedPracticesRoute(cloud))
    .route('/', revocationRoutes(cloud))
    .route('/', healthRoutes(cloud))
    .route('/', controlRoutes(cloud))
    .all('/v4/*', () => {
      cloud.calls.clinical++
      return refuseAs(cloud.scenario.current, 'API2009')
    })
    .onError((error, c) => c.json({ error: 'sandbox_failure', message: error.message }, 500))
}
