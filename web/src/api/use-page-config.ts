import type { PageConfig } from '@pms/shared/page-config'
import { useEffect, useState } from 'react'
import { loadPageConfig } from './load-page-config.ts'

export interface LoadingPageConfig {
  config: 'loading' | 'failed' | PageConfig
  retry: () => void
}

/** Loads the page's configuration at the start, and again when asked to. */
export function usePageConfig(): LoadingPageConfig {
  const [config, setConfig] = useState<LoadingPageConfig['config']>('loading')
  const loading = config === 'loading'

  useEffect(() => {
    if (!loading) return undefined
    const leaving = new AbortController()
    loadPageConfig(leaving.signal).then(setConfig, () => {
      if (!leaving.signal.aborted) setConfig('failed')
    })
    return () => leaving.abort()
  }, [loading])

  return { config, retry: () => setConfig('loading') }
}
