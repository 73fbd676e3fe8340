/**
 * The stand-ins for Sikka and Secrets Manager as a process of their own, so that they do not share a core with whoever
 * loads the server. Told `spent`, it says how long it has worked on requests since it was last told, milliseconds.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { application } from '../sandbox/environment.ts'
import { startSecretsManager } from '../sandbox/secrets-manager/start.ts'
import { startSikka } from '../sandbox/sikka/start.ts'

/** What the process says first. */
export interface Upstreams {
  sikka: { origin: string; authorizationPage: string }
  secretsManager: { origin: string }
}

const [folder = ''] = process.argv.slice(2)

const begun = new WeakMap<IncomingMessage, number>()
let spent = 0
subscribe('http.server.request.start', (message) => {
  begun.set((message as { request: IncomingMessage }).request, performance.now())
})
subscribe('http.server.response.finish', (message) => {
  spent += performance.now() - (begun.get((message as { request: IncomingMessage }).request) ?? performance.now())
})

const [sikka, secretsManager] = await Promise.all([
  startSikka({ ...application, redirectUris: 'loopback' }),
  startSecretsManager({ folder }),
])
process.on('message', () => {
  process.send?.(spent)
  spent = 0
})
process.on('disconnect', () => process.exit(0))
process.send?.({
  sikka: { origin: sikka.origin, authorizationPage: sikka.authorizationPage },
  secretsManager: { origin: secretsManager.origin },
} satisfies Upstreams)
