import type { PageConfig } from '@pms/shared/page-config'
import { createContext, use } from 'react'

/** What the operator offers beside the setup (P14): what is not set is not offered. */
export type Offers = Pick<PageConfig, 'supportEmail' | 'supportUrl' | 'spuDownloadUrl' | 'nextStepUrl'>

export const OffersContext = createContext<Offers>({})

export function useOffers(): Offers {
  return use(OffersContext)
}
