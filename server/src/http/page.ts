import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Hono } from 'hono'
import { StartError } from '../config/start-error.ts'
import { Refusal } from './api-error-code.ts'
import { pageFiles } from './page-files.ts'
import { preloads } from './page-preloads.ts'
import { plainly } from './plain-path.ts'
import type { EdgeEnvironment } from './request-context.ts'
import { pagePolicy } from './security-headers.ts'

/** Paths that never serve the page, even without a route: their clients expect no HTML. */
const notThePage = /^\/(trpc|api|pms|assets)(\/|$)/

/**
 * The built page: its files, with `/assets` (hashed names) cached forever, and `index.html` for every other path,
 * reread on each request to pick up a new build at once. Answers `OPTIONS`, HAProxy's default health check, on the
 * page's paths too.
 * @throws {StartError} when the page is not built
 */
export function pageRoutes(folder: string, signInOrigins: () => Promise<readonly string[]>) {
  const index = join(folder, 'index.html')
  const manifest = join(folder, '.vite/manifest.json')
  const missing = [index, manifest].find((file) => !existsSync(file))
  if (missing !== undefined) throw new StartError(`The page is not built (${missing} is missing). Run: pnpm build`)
  const fileAt = pageFiles(folder)
  const routes = new Hono<EdgeEnvironment>()
  routes.options('/*', (c) => {
    if (notThePage.test(plainly(c.req.path))) throw new Refusal('NOT_FOUND')
    return c.body(null, 204, { allow: 'GET, HEAD, OPTIONS' })
  })
  return routes.get('/*', async (c) => {
    const { path } = c.req
    // The root and index.html are served like every page, so that one place sets their headers.
    const file = path === '/index.html' ? undefined : fileAt(path, c.req.header('accept-encoding'))
    if (file) {
      const caching = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
      return c.body(file.bytes, 200, { ...file.headers, 'cache-control': caching })
    }
    if (notThePage.test(plainly(path))) throw new Refusal('NOT_FOUND')
    const [html, chunks] = await Promise.all([readFile(index, 'utf8'), readFile(manifest, 'utf8')])
    return c.html(html, 200, {
      'cache-control': 'no-cache',
      link: preloads(chunks, path, c.req.header('accept-language')),
      vary: 'accept-language',
      'content-security-policy': pagePolicy(await signInOrigins()),
    })
  })
}
