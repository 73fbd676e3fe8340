import { flood } from './sized/flood.ts'

// `pnpm test:slow` compares times: a few samples would only measure the machine.
flood({ accounts: 1, seconds: 6, limits: { callsPerMinute: 30, starts: 8 } })
