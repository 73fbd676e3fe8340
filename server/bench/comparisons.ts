/**
 * What the server is compared with, as a process of its own on the same framework: a constant over tRPC with the schemas of
 * the status, and the plain way, which checks the token and asks the database by Prisma at every poll.
 *
 *     PORT=… DATABASE_URL=… AUTH_ISSUER=… AUTH_CLIENT_ID=… AUTH_JWKS_URL=… node server/bench/comparisons.ts
 */
import { serve } from '@hono/node-server'
import { openDatabase } from '@pms/prisma/client'
import { ConnectionStatus, ConnectionStatusInput } from '@pms/shared/connection-status'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { initTRPC } from '@trpc/server'
import { Hono } from 'hono'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as z from 'zod'

const Environment = z.object({
  PORT: z.coerce.number(),
  DATABASE_URL: z.string(),
  AUTH_ISSUER: z.string(),
  AUTH_CLIENT_ID: z.string(),
  AUTH_JWKS_URL: z.string(),
})

const environment = Environment.parse(process.env)
const db = openDatabase(environment.DATABASE_URL)
const keys = createRemoteJWKSet(new URL(environment.AUTH_JWKS_URL))

const constant: ConnectionStatus = {
  isConnected: true,
  status: 'connected',
  provider: 'SIKKA',
  practiceName: 'Practice 1',
  pmsType: 'Dentrix',
  connectedAt: new Date(0).toISOString(),
  revision: 'constant',
  timestamp: new Date(0).toISOString(),
}

const t = initTRPC.context<{ authorization: string | undefined }>().create({ isDev: false })
const router = t.router({
  constant: t.procedure
    .input(z.optional(ConnectionStatusInput))
    .output(ConnectionStatus)
    .query(() => constant),
  status: t.procedure
    .use(async ({ ctx, next }) => {
      const { payload } = await jwtVerify(ctx.authorization?.slice('Bearer '.length) ?? '', keys, {
        algorithms: ['RS256'],
        issuer: environment.AUTH_ISSUER,
      })
      if (payload['client_id'] !== environment.AUTH_CLIENT_ID) throw new Error('The token is for another client')
      return next({ ctx: { issuer: payload.iss ?? '', subject: payload.sub ?? '' } })
    })
    .query(async ({ ctx: { issuer, subject } }) => {
      const integration = await db.pmsIntegration.findFirst({
        where: { account: { issuer, subject }, provider: 'SIKKA' },
      })
      const isConnected = integration?.status === 'ACTIVE'
      return { isConnected, status: isConnected ? 'connected' : 'pending', ...Object(integration?.metadata) }
    }),
})

const app = new Hono().all('/trpc/*', (c) =>
  fetchRequestHandler({
    endpoint: '/trpc',
    req: c.req.raw,
    router,
    createContext: ({ req }) => ({ authorization: req.headers.get('authorization') ?? undefined }),
  }),
)

serve({ fetch: app.fetch, port: environment.PORT, hostname: '127.0.0.1' }, () => process.stdout.write('"ready"\n'))
process.on('SIGTERM', () => process.exit(0))
