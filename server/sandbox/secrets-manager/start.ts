import { Hono } from 'hono'
import { listen } from '../listen.ts'
import { controlRoutes } from './control.ts'
import { operations } from './operations.ts'
import { answerCall } from './protocol.ts'
import { scriptedErrors, type ScriptedError } from './scripted-errors.ts'
import { secretStore } from './secret-store.ts'

interface SecretsManagerOptions {
  /** default 127.0.0.1 */
  host?: string
  /** default 0: any free port */
  port?: number
  /** where the secrets are kept, one JSON file each; made when it is not there */
  folder: string
  /** the region in the ARNs; default us-east-1 */
  region?: string
  /** default: the system's clock */
  now?: () => Date
}

/** A running stand-in for AWS Secrets Manager. */
export interface SecretsManagerSandbox extends AsyncDisposable {
  /** value of `AWS_ENDPOINT_URL_SECRETS_MANAGER` */
  origin: string
  /** how often each operation was asked for so far, also in vain */
  calls(): Record<string, number>
  /** From now on an operation, or all, answers with this error. @throws {z.ZodError} */
  fail(script: ScriptedError): void
  /** No errors but its own any more. */
  heal(): void
  /** Stops at once; open connections are cut. */
  close(): Promise<void>
}

/**
 * Starts the stand-in. Over HTTP, `GET /sandbox/calls` tells how often each operation was asked for, `PUT
 * /sandbox/errors` lets one fail and `DELETE /sandbox/errors` heals them all.
 * @throws when the address is taken
 */
export async function startSecretsManager(options: SecretsManagerOptions): Promise<SecretsManagerSandbox> {
  const { folder, region: name = 'us-east-1', now: clock = () => new Date() } = options
  const now = () => clock().getTime()
  const region = { name, store: secretStore(folder, now), now }
  const calls = new Map<string, number>([...operations.keys()].map((operation) => [operation, 0]))
  const errors = scriptedErrors()
  const called = (operation: string) => {
    calls.set(operation, (calls.get(operation) ?? 0) + 1)
    return errors.next(operation)
  }
  const app = new Hono()
    .post('/', (c) => answerCall(region, c.req.raw, called))
    .route(
      '/',
      controlRoutes(() => Object.fromEntries(calls), errors),
    )
  const listener = await listen(app.fetch, options)
  const close = async () => {
    await listener.close()
    await region.store.settled()
  }
  return {
    origin: listener.origin,
    calls: () => Object.fromEntries(calls),
    fail: (script) => errors.fail(script),
    heal: () => errors.heal(),
    close,
    [Symbol.asyncDispose]: close,
  }
}
