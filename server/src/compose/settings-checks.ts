import type { Logger } from 'pino'
import type { Config } from '../config/environment.ts'
import { checkStorage } from '../connection/check-storage.ts'
import { preflight, type Preflight } from '../connection/preflight.ts'
import { checkKeySet } from '../identity/key-set.ts'
import type { SikkaClient } from '../sikka/client.ts'
import type { Integrations } from '../store/open-store.ts'
import type { Vault } from '../vault/client.ts'

/** Checks the settings that a consent needs, before one is spent (S12, decision 19). */
export function settingsChecks(
  config: Pick<Config, 'AUTH_JWKS_URL'>,
  { sikka, vault, integrations }: { sikka: SikkaClient; vault: Vault; integrations: Integrations },
  log: Logger,
): Preflight {
  return preflight(
    {
      secrets_manager: {
        run: (signal) => checkStorage({ vault, integrations }, signal),
        advice: 'Check AWS_REGION, SECRET_NAME_PREFIX, SECRET_KMS_KEY_ID, the credentials and the role (SECURITY.md).',
        spacing: 0,
      },
      sikka: {
        run: (signal) => sikka.checkApplication(signal),
        advice: 'Check SIKKA_APP_ID, SIKKA_APP_KEY and SIKKA_API_URL.',
        spacing: 15_000,
      },
      sign_in: {
        run: () => checkKeySet(config.AUTH_JWKS_URL),
        advice: 'Check AUTH_ISSUER and AUTH_JWKS_URL.',
        spacing: 1_000,
      },
    },
    log,
  )
}
