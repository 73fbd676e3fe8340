import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { StartError } from '../config/start-error.ts'
import { Refusal } from './api-error-code.ts'
import type { EdgeEnvironment } from './request-context.ts'
import { pagePolicy } from './security-headers.ts'

/** Never the page, even where nothing answers there: a client of these expects no HTML. */
const notThePage = /^\/(trpc|api|pms|assets)(\/|$)/

/**
 * The built page: files as they are, `/assets` (their names hold a hash) for ever, and `index.html` for every
 * other path, looked up anew each time so that a new build is met at once.
 * @throws {StartError} when the page is not built
 */
export function pageRoutes(folder: string, signInOrigins: () => Promise<readonly string[]>) {
  const index = join(folder, 'index.html')
  if (!existsSync(index)) throw new StartError(`The page is not built (${index} is missing). Run: pnpm build`)
  const files = serveStatic<EdgeEnvironment>({
    root: folder,
    precompressed: true,
    onFound: (_path, c) => {
      const immutable = c.req.path.startsWith('/assets/')
      c.header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  return new Hono<EdgeEnvironment>().get('/*', async (c) => {
    const { path } = c.req
    // The root and index.html itself go the way of every page, so that one place sets their headers.
    if (path !== '/' && path !== '/index.html') {
      const file = await files(c, async () => undefined)
      if (file) return file
    }
    if (notThePage.test(plainly(path))) throw new Refusal('NOT_FOUND')
    return c.html(await readFile(index, 'utf8'), 200, {
      'cache-control': 'no-cache',
      'content-security-policy': pagePolicy(await signInOrigins()),
    })
  })
}

/** The path as somebody who looks for a way around it might have written it: slashes doubled or encoded, upper case. */
function plainly(path: string): string {
  return path
    .replace(/%2f|\\|%5c/gi, '/')
    .replace(/\/{2,}/g, '/')
    .toLowerCase()
}
