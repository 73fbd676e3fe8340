import { chromium, type Browser } from 'playwright-core'
import { unpackChromium } from './unpack-chromium.ts'

/**
 * Where the Chromium of the browser tests is: `CHROMIUM_PATH` where it is set, else undefined for the one
 * inside an npm package.
 * @throws {Error} saying what to set on a platform that the package has none for
 */
export function givenChromium({ env, platform, arch }: Pick<NodeJS.Process, 'env' | 'platform' | 'arch'>) {
  const given = env['CHROMIUM_PATH']
  if (given || (platform === 'linux' && arch === 'x64')) return given || undefined
  throw new Error(
    `There is no Chromium in the npm registry for ${platform} on ${arch}. Set CHROMIUM_PATH to the executable of a Chromium or Chrome.`,
  )
}

/** One renderer for all pages: sign-in, Sikka and our page are three sites, and a process for each took a third of the time. */
const oneRenderer = ['--disable-site-isolation-trials', '--renderer-process-limit=1']

/** No request leaves the machine. */
const ownHostsOnly = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost'

/** As root Chromium refuses its sandbox, and the packaged one has none; the pages it meets are our own. */
export async function launchOptions(): Promise<{ executablePath: string; args: string[] }> {
  const given = givenChromium(process)
  const unboxed = given === undefined || process.getuid?.() === 0
  return {
    executablePath: given ?? (await unpackChromium()),
    args: [...(unboxed ? ['--no-sandbox'] : []), ...oneRenderer, ownHostsOnly],
  }
}

/** A real Chromium. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch(await launchOptions())
}
