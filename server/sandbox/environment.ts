import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import type { Identity } from './identity/start.ts'
import type { SecretsManagerSandbox } from './secrets-manager/start.ts'
import type { Sikka } from './sikka/start.ts'
import { writeOnce } from './write-once.ts'

/** The application that the sandbox's Sikka knows. Fakes, and they look it. */
export const application = { appId: 'app_demo_0001', appKey: 'key_demo_0001' } as const

/** The client that the sandbox's sign-in knows. */
export const clientId = 'pms-connect-page'

/** What the page offers: fakes, but those of a whole setup. */
export const offers = {
  SUPPORT_EMAIL: 'support@example.com',
  SUPPORT_URL: 'https://www.example.com/help',
  SPU_DOWNLOAD_URL: 'https://www.example.com/spu',
  NEXT_STEP_URL: 'https://www.example.com/agent',
} as const

/** Where the server finds the others. */
export interface Surroundings {
  databaseUrl: string
  identity: Pick<Identity, 'issuer'>
  sikka: Pick<Sikka, 'origin' | 'authorizationPage'>
  secretsManager: Pick<SecretsManagerSandbox, 'origin'>
}

/**
 * What the production server is told so that it meets the stand-ins: variables of contract section 3
 * and the AWS SDK's own, and nothing else.
 */
export function serverEnvironment(
  parts: Surroundings & {
    /** origin of the page, with the server behind it */
    origin: string
    host: string
    port: number
    stateSecret: string
  },
): Record<string, string> {
  return {
    PORT: String(parts.port),
    HOST: parts.host,
    APP_BASE_URL: parts.origin,
    DATABASE_URL: parts.databaseUrl,
    SIKKA_APP_ID: application.appId,
    SIKKA_APP_KEY: application.appKey,
    SIKKA_REDIRECT_URI: `${parts.origin}/pms/sikka/oauth/callback`,
    SIKKA_OAUTH_URL: parts.sikka.authorizationPage,
    SIKKA_API_URL: parts.sikka.origin,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: parts.secretsManager.origin,
    AWS_ACCESS_KEY_ID: 'sandbox',
    AWS_SECRET_ACCESS_KEY: 'sandbox',
    AUTH_ISSUER: parts.identity.issuer,
    AUTH_CLIENT_ID: clientId,
    STATE_SECRET: parts.stateSecret,
    ...offers,
    // No balancer stands in front that would have to notice, and Ctrl-C is to be quick.
    DRAIN_DELAY_SECONDS: '0',
    // Whoever tries things out presses the button more often than a practice does.
    LIMIT_START_PER_10_MINUTES: '100',
  }
}

/** A random secret of this sandbox, made at the first start and kept, readable for its owner alone. */
export async function keptSecret(folder: string, name: string): Promise<string> {
  const file = join(folder, name)
  await writeOnce(file, randomBytes(32).toString('base64'))
  return readFile(file, 'utf8')
}
