import { Gauge, type Registry } from 'prom-client'

/** Current state, read at each scrape. Labels come from fixed lists. */
export interface StateSources {
  /** by check: `ok`, `wrong` or `away` */
  preflight: () => Readonly<Record<string, string>>
  /** by upstream: whether calls are sent, not refused by an open breaker */
  upstreams: () => Readonly<Record<string, boolean>>
  /** whether change notifications arrive */
  isListening: () => boolean
  pool: { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number }
}

/** Registers a gauge for each. */
export function watchState(registry: Registry, { preflight, upstreams, isListening, pool }: StateSources): void {
  const registers: Registry[] = []
  const gauges = [
    new Gauge({
      name: 'pms_preflight_ok',
      help: 'Whether our settings are accepted (1), by check; 0 means that no connection is started',
      labelNames: ['check'],
      registers,
      collect() {
        for (const [check, verdict] of Object.entries(preflight())) this.set({ check }, verdict === 'wrong' ? 0 : 1)
      },
    }),
    new Gauge({
      name: 'pms_upstream_available',
      help: 'Whether calls to an upstream are sent (1), or refused by an open breaker (0)',
      labelNames: ['upstream'],
      registers,
      collect() {
        for (const [upstream, isAvailable] of Object.entries(upstreams())) this.set({ upstream }, isAvailable ? 1 : 0)
      },
    }),
    new Gauge({
      name: 'pms_change_notices_listening',
      help: 'Whether notices of changes by other servers arrive (1)',
      registers,
      collect() {
        this.set(isListening() ? 1 : 0)
      },
    }),
    new Gauge({
      name: 'pms_database_connections',
      help: 'Connections of the pool by state, and requests that wait for one',
      labelNames: ['state'],
      registers,
      collect() {
        this.set({ state: 'idle' }, pool.idleCount)
        this.set({ state: 'used' }, pool.totalCount - pool.idleCount)
        this.set({ state: 'waiting' }, pool.waitingCount)
      },
    }),
  ]
  for (const gauge of gauges) registry.registerMetric(gauge)
}
