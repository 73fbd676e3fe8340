import react from '@vitejs/plugin-react'
import { defineConfig, type ProxyOptions } from 'vite'

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

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    sourcemap: false,
    // The page's content security policy allows neither inline scripts nor inline styles.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
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
