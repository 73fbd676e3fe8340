import { readPageConfig, type PageConfig } from '@pms/shared/page-config'
import { inTime } from './in-time.ts'

/** Milliseconds. */
const answerWithin = 10_000

/** What the page has to know at run time. Rejects when it cannot be had, for whatever reason. */
export async function loadPageConfig(signal: AbortSignal): Promise<PageConfig> {
  return inTime(answerWithin, signal, async (ending) => {
    const response = await fetch('/config.json', { headers: { accept: 'application/json' }, signal: ending })
    if (!response.ok) throw new Error(`/config.json answered ${response.status}`)
    return readPageConfig(await response.json())
  })
}
