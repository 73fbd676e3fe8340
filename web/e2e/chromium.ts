import sparticuz from '@sparticuz/chromium'
import { chromium, type Browser } from 'playwright-core'

/**
 * A real Chromium: `CHROMIUM_PATH`'s where it is set, else the one inside an npm package, which there is for
 * Linux on x64 only.
 */
export async function launchChromium(): Promise<Browser> {
  const given = process.env['CHROMIUM_PATH']
  if (!given && (process.platform !== 'linux' || process.arch !== 'x64')) {
    throw new Error(
      `There is no Chromium in the npm registry for ${process.platform} on ${process.arch}. Set CHROMIUM_PATH to the executable of a Chromium or Chrome.`,
    )
  }
  const executablePath = given ?? (await sparticuz.executablePath())
  // As root Chromium refuses its sandbox; the pages it meets here are our own.
  const isRoot = process.getuid?.() === 0
  return chromium.launch({ executablePath, args: isRoot || !given ? ['--no-sandbox'] : [] })
}
