import { flood } from './sized/flood.ts'

flood({ accounts: 2, seconds: 120, limits: { callsPerMinute: 100, starts: 100 }, share: 0.99 })
