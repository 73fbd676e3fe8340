import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

const folder = fileURLToPath(new URL('../../docs/images', import.meta.url))

/** Takes a picture for the README when `SCREENSHOTS` is set, and not otherwise: fonts differ from machine to machine. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (!process.env['SCREENSHOTS']) return
  await mkdir(folder, { recursive: true })
  await page.setViewportSize({ width: 800, height: 640 })
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}
