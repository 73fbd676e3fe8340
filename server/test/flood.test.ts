import { flood } from './sized/flood.ts'

// Of so few, the middle one: the slowest is the machine's. The 99th of 100 is looked at by `pnpm test:slow`.
flood({ accounts: 1, seconds: 6, limits: { callsPerMinute: 30, starts: 8 }, share: 0.5 })
