import { appRouter } from '../../src/http/trpc/router.ts'

type Definition = { procedures: Record<string, Record<'_def', { type: 'query' | 'mutation' }>> }

/** Every procedure there is, now and later, and whether it is a query or a mutation. */
export const procedures = Object.entries((appRouter['_def'] as unknown as Definition).procedures).map(
  ([path, procedure]) => [path, procedure['_def'].type] as const,
)
