import type { PageConfig } from '@pms/shared/page-config'
import type { Config } from './environment.ts'

/** What `/config.json` tells the page, and which variable says it; total by type, so that nothing is told unchecked (C21). */
const saidBy = {
  authority: 'AUTH_AUTHORITY',
  clientId: 'AUTH_CLIENT_ID',
  supportEmail: 'SUPPORT_EMAIL',
  supportUrl: 'SUPPORT_URL',
  spuDownloadUrl: 'SPU_DOWNLOAD_URL',
  nextStepUrl: 'NEXT_STEP_URL',
} as const satisfies Record<keyof PageConfig, keyof Config>

export const variablesToldToPage = Object.values(saidBy)

export function toldToPage(config: Pick<Config, (typeof variablesToldToPage)[number]>): PageConfig {
  return {
    authority: config[saidBy.authority],
    clientId: config[saidBy.clientId],
    supportEmail: config[saidBy.supportEmail],
    supportUrl: config[saidBy.supportUrl],
    spuDownloadUrl: config[saidBy.spuDownloadUrl],
    nextStepUrl: config[saidBy.nextStepUrl],
  }
}
