import * as z from 'zod'
import { isDecodable } from './decodable.ts'
import { Redacted } from './redacted.ts'
import { StartError } from './start-error.ts'

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]'])

/** https, or http on this machine alone. */
function isSafeUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const url = new URL(value)
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHosts.has(url.hostname))
  const plain = url.username === '' && url.password === '' && url.hash === ''
  return safe && plain && /^[\w.-]+$|^\[[\da-f:]+\]$/.test(url.hostname)
}

const Url = z.string().refine(isSafeUrl, 'has to be an https URL (http only for localhost), without credentials or #')
const Origin = Url.refine(
  (value) => URL.canParse(value) && new URL(value).origin === value,
  'has to be an origin: scheme, host and port, with nothing after them',
)
const Text = z.string().min(1, 'is missing')
const Count = (text: string) =>
  z
    .string()
    .regex(/^\d{1,9}$/, text)
    .transform(Number)
    .pipe(z.number())

const portText = 'has to be a port, 0 to 65535'
const Port = Count(portText).refine((port) => port <= 65_535, portText)

const hopsText = 'has to be a number of proxies, 0 to 10'

const delayText = 'has to be a number of seconds, 0 to 600'

const DatabaseUrl = z
  .string()
  .refine(
    (value) => /^postgres(ql)?:\/\//.test(value) && URL.canParse(value) && isDecodable(value),
    'has to be a PostgreSQL URL: postgresql://user:password@host:5432/database',
  )

const stateSecretText = 'has to be 32 random bytes or more in base64; a second value may follow after a comma'
const StateSecrets = z.string().transform((value, context) => {
  const keys = value.split(',').map((part) => part.trim())
  const good = keys.every((key) => /^[A-Za-z0-9+/_-]+={0,2}$/.test(key) && Buffer.from(key, 'base64').length >= 32)
  if (!good || keys.length > 2) {
    context.addIssue({ code: 'custom', message: stateSecretText })
    return z.NEVER
  }
  return keys.map((key) => new Redacted(key))
})

const Origins = z.string().transform((value, context) => {
  const origins = value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
  if (!origins.every((origin) => Origin.safeParse(origin).success)) {
    context.addIssue({ code: 'custom', message: 'has to be origins (scheme, host and port), separated by commas' })
    return z.NEVER
  }
  return origins
})

/** The callback, and the one of an older registration (contract, section 4). */
export const callbackPaths = ['/pms/sikka/oauth/callback', '/agent/setup/pms/callback'] as const

/** Contract, section 3. Every variable the server reads, and the only place that reads them. */
const Environment = z.object({
  PORT: Port.default(3000),
  HOST: Text.default('0.0.0.0'),
  APP_BASE_URL: Origin,
  CORS_ORIGINS: Origins.default([]),
  DATABASE_URL: DatabaseUrl.transform((value) => new Redacted(value)),
  SIKKA_APP_ID: Text,
  SIKKA_APP_KEY: Text.transform((value) => new Redacted(value)),
  SIKKA_REDIRECT_URI: Url.refine(
    (value) => callbackPaths.some((path) => URL.canParse(value) && new URL(value).pathname.endsWith(path)),
    `has to end with ${callbackPaths.join(' or ')}`,
  ),
  SIKKA_OAUTH_URL: Url.default('https://api.sikkasoft.com/portal/authapp.aspx'),
  SIKKA_API_URL: Origin.default('https://api.sikkasoft.com'),
  SIKKA_UNNAMED_OFFICE: z.enum(['infer', 'confirm', 'keys'], 'has to be infer, confirm or keys').default('infer'),
  AWS_REGION: Text,
  SECRET_NAME_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9/_+=.@-]{1,400}$/, 'may hold letters, digits and /_+=.@- only')
    .default('parlae/pms/sikka/'),
  SECRET_KMS_KEY_ID: z
    .string()
    .regex(/^[A-Za-z0-9/_:-]{1,2048}$/, 'has to be the id, ARN or alias of a KMS key')
    .optional(),
  AUTH_ISSUER: Url,
  AUTH_CLIENT_ID: Text,
  AUTH_JWKS_URL: Url.optional(),
  AUTH_AUTHORITY: Url.optional(),
  SUPPORT_EMAIL: z.email('has to be an e-mail address').optional(),
  SUPPORT_URL: Url.optional(),
  SPU_DOWNLOAD_URL: Url.optional(),
  NEXT_STEP_URL: Url.optional(),
  STATE_SECRET: StateSecrets,
  TRUSTED_PROXY_HOPS: Count(hopsText)
    .refine((hops) => hops <= 10, hopsText)
    .default(0),
  LIMIT_STATUS_PER_MINUTE: Count('has to be a whole number, 0 for no limit').default(100),
  LIMIT_START_PER_10_MINUTES: Count('has to be a whole number, 0 for no limit').default(5),
  LIMIT_CALLBACK_PER_MINUTE: Count('has to be a whole number, 0 for no limit').default(60),
  METRICS_PORT: Port.optional(),
  DRAIN_DELAY_SECONDS: Count(delayText)
    .refine((seconds) => seconds <= 600, delayText)
    .default(5),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'has to be a level of pino, such as info')
    .default('info'),
})

export type Config = Omit<z.infer<typeof Environment>, 'AUTH_JWKS_URL' | 'AUTH_AUTHORITY' | 'METRICS_PORT'> & {
  AUTH_JWKS_URL: string
  AUTH_AUTHORITY: string
  METRICS_PORT: number | undefined
}

/**
 * Reads the server's settings; an empty variable counts as not set.
 * @throws {StartError} naming every variable that is missing or bad, and no value of any
 */
export function readEnvironment(environment: Record<string, string | undefined>): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = Environment.safeParse(set)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0])
      return `  ${name} ${name in set ? issue.message : 'is missing'}`
    })
    throw new StartError(
      `The server cannot start. Set these variables (see .env.example):\n${[...new Set(lines)].join('\n')}`,
    )
  }
  const config = parsed.data
  return {
    ...config,
    AUTH_JWKS_URL: config.AUTH_JWKS_URL ?? `${config.AUTH_ISSUER.replace(/\/$/, '')}/.well-known/jwks.json`,
    AUTH_AUTHORITY: config.AUTH_AUTHORITY ?? config.AUTH_ISSUER,
    METRICS_PORT: config.METRICS_PORT,
  }
}
