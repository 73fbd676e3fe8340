import { flood } from './sized/flood.ts'

// How long others take is looked at by `pnpm test:slow`: of so few, the slowest is the machine's.
flood({ accounts: 1, seconds: 6, limits: { callsPerMinute: 30, starts: 8 } })
