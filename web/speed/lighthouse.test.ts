import lighthouse from 'lighthouse'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { reserveFreePort } from '../../server/sandbox/free-port.ts'
import { startSystem, type System } from '../../server/test/harness/system.ts'
import { launchOptions } from '../e2e/chromium.ts'

let system: System

beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.stop())

/** What Lighthouse gives the page at that path on a phone, of 100. */
async function scoresOf(path: string): Promise<Record<string, number>> {
  const port = await reserveFreePort()
  const { executablePath, args } = await launchOptions()
  const browser = await chromium.launch({ executablePath, args: [...args, `--remote-debugging-port=${port}`] })
  try {
    const onlyCategories = ['accessibility', 'best-practices', 'performance']
    const flags = { port, onlyCategories, formFactor: 'mobile', logLevel: 'error' } as const
    const result = await lighthouse(system.origin + path, flags)
    const categories = Object.values(result?.lhr.categories ?? {})
    return Object.fromEntries(categories.map(({ id, score }) => [id, Math.round((score ?? 0) * 100)]))
  } finally {
    await browser.close()
  }
}

it.each(['/agent/setup/pms', '/nowhere'])('%s: accessible, by best practice, and fast on a phone', async (path) => {
  const { performance, ...others } = await scoresOf(path)
  expect(others).toEqual({ accessibility: 100, 'best-practices': 100 })
  expect(performance).toBeGreaterThanOrEqual(95)
})
