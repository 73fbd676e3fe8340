import react from '@vitejs/plugin-react'
import { buildTargets, cssTargets } from './floor/browser-floor.ts'
import { defineConfig, type Plugin, type ProxyOptions } from 'vite'

/** Where `pnpm dev` finds the server; the page itself only ever speaks to its own origin. */
const serverOrigin = process.env['DEV_SERVER_ORIGIN'] ?? 'http://localhost:3000'

const toServer: ProxyOptions = { target: serverOrigin }

/** The older callback address lies below the page's own: it is the server's only when it brings an answer. */
const toServerWithAnswer: ProxyOptions = {
  target: serverOrigin,
  bypass: ({ url = '/' }) => {
    const query = new URL(url, serverOrigin).searchParams
    return ['code', 'state', 'error'].some((name) => query.has(name)) ? undefined : '/index.html'
  },
}

/**
 * What a signed-in person's first page takes is asked for with the document, not one after the other. Vite's own way
 * would bring a loader of a kilobyte along.
 */
const preloadPages: Plugin = {
  name: 'preload-pages',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle = {} }) => {
      const entry = /assets\/(react|signed-in)-/
      const chunks = Object.keys(bundle).filter((file) => entry.test(file) && file.endsWith('.js'))
      return chunks.map((file) => ({
        tag: 'link',
        attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file}` },
        injectTo: 'head',
      }))
    },
  },
}

/** Plain `import()`. Vite wraps each one in a loader for style sheets and preloads; the page's later parts have none. */
const plainImports: Plugin = {
  name: 'plain-imports',
  enforce: 'pre',
  load: (id) => (id.endsWith('vite/preload-helper.js') ? 'export const __vitePreload = (load) => load()' : undefined),
}

export default defineConfig({
  plugins: [react(), preloadPages, plainImports],
  // React has this hook since version 18: the libraries' stand-in for older ones is not needed.
  resolve: { alias: [{ find: /^use-sync-external-store\/shim(\/index\.js)?$/, replacement: 'react' }] },
  // Lowers light-dark() and nesting for the oldest browsers that the page is for: the clinic's old computer.
  css: { transformer: 'lightningcss', lightningcss: { targets: cssTargets } },
  build: {
    target: buildTargets,
    sourcemap: false,
    // The server reads file names from it (page-preloads.ts).
    manifest: true,
    // The page's content security policy allows neither inline scripts nor inline styles.
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      // Importing tRPC's client has no side effect, but its package does not declare that: drops the parts not used.
      treeshake: { moduleSideEffects: [{ test: /node_modules\/@trpc\//, sideEffects: false }] },
      output: {
        codeSplitting: {
          // Three files: each holds what it imports statically, unless a group of a higher priority has it.
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler|wouter|regexparam)\//, priority: 3 },
            { name: 'index', test: /src\/main\.tsx$/, priority: 2 },
            { name: 'signed-in', test: /src\/pages\.tsx$/, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/trpc': toServer,
      '/api/': toServer,
      '/config.json': toServer,
      '/pms/': toServer,
      '/livez': toServer,
      '/readyz': toServer,
      '/agent/setup/pms/callback': toServerWithAnswer,
    },
  },
})
