import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// What was compiled at an earlier start is not compiled again: a third of the time to be ready. In a folder of our own,
// since whoever may write there decides what runs; where nothing may be written, nothing is kept.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/pms-server', import.meta.url)))

await import('./run.ts')
