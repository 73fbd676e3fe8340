import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { build, preview, type PreviewServer } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { violations } from './accessibility.ts'
import { brokenWords } from './broken-words.ts'
import { launchChromium } from './chromium.ts'

const root = fileURLToPath(new URL('../gallery', import.meta.url))

interface Look {
  language: 'en' | 'fr-CA'
  theme: 'light' | 'dark'
  /** pixels; 320 are also 1,280 at a zoom of 400 % */
  width: number
  /** whether the state with that number is looked at so */
  isShown: (index: number) => boolean
}

/** The page's states as they look so: accessible, in their language, and not wider than the window. */
export function galleryIsForEveryone(looks: Look[]): void {
  let folder: string
  let server: PreviewServer
  let origin: string
  let browser: Browser

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gallery-'))
    const configFile = join(root, 'vite.config.ts')
    await build({ root, configFile, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } })
    server = await preview({
      root,
      configFile,
      logLevel: 'error',
      build: { outDir: folder },
      preview: { port: 0, host: '127.0.0.1' },
    })
    origin = server.resolvedUrls?.local[0] ?? ''
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
    await rm(folder, { recursive: true })
  })

  /** Names of all states, from the gallery's own list. */
  async function statesOf(page: Page): Promise<string[]> {
    await page.goto(origin)
    return page.getByRole('navigation').getByRole('link').allTextContents()
  }

  it.each(looks)(
    'P6: text of twice its size keeps its words whole on a phone, and nothing scrolls sideways: $language',
    { timeout: 400_000 },
    async ({ language, theme, isShown }) => {
      const page = await browser.newPage({ viewport: { width: 375, height: 800 }, reducedMotion: 'reduce' })
      const problems: string[] = []
      for (const state of (await statesOf(page)).filter((_, index) => isShown(index))) {
        const cell = `${origin}cell.html?${String(new URLSearchParams({ state, language, theme }))}`
        // Wait for the font and for lazily loaded parts: the fallback font is wider.
        await page.goto(cell, { waitUntil: 'networkidle' })
        await page.locator('#main').waitFor()
        await page.evaluate(() => void (document.documentElement.style.fontSize = '200%'))
        for (const word of await page.evaluate(brokenWords)) problems.push(`${state}: ${word}`)
        const wide = await page.evaluate(() => document.documentElement.scrollWidth)
        if (wide > 375) problems.push(`${state}: ${wide} pixels wide`)
      }
      expect(problems).toEqual([])
      await page.close()
    },
  )

  it.each(looks)(
    'states are for everyone: $language, $theme, $width pixels wide',
    { timeout: 400_000 },
    async ({ language, theme, width, isShown }) => {
      const page = await browser.newPage({ viewport: { width, height: 800 }, reducedMotion: 'reduce' })
      const problems: string[] = []
      let state = ''
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') problems.push(`${state}: ${message.text()}`)
      })
      page.on('pageerror', (error) => problems.push(`${state}: ${error.message}`))
      const states = await statesOf(page)
      expect(states.length).toBeGreaterThan(40)
      for (state of states.filter((_, index) => isShown(index))) {
        await page.goto(`${origin}cell.html?${String(new URLSearchParams({ state, language, theme }))}`)
        await page.locator('#main').waitFor()
        for (const violation of await violations(page)) problems.push(`${state}: ${violation}`)
        const { lang, wide } = await page.evaluate(() => ({
          lang: document.documentElement.lang,
          wide: document.documentElement.scrollWidth,
        }))
        if (lang !== language) problems.push(`${state}: in ${lang}`)
        if (wide > width) problems.push(`${state}: ${wide} pixels wide`)
      }
      expect(problems).toEqual([])
      await page.close()
    },
  )
}
