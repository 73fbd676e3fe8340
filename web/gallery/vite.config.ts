import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The gallery alone: the page's own components, and no server behind them. */
export default defineConfig({
  plugins: [react()],
  server: { port: 4174 },
  build: {
    rolldownOptions: { input: ['index.html', 'cell.html'].map((name) => new URL(name, import.meta.url).pathname) },
  },
})
