/** What the invariants demand of Secrets Manager. */
import * as z from 'zod'
import { demand } from './invariants.ts'
import type { Memory } from './memory.ts'
import type { IntegrationSeen, Seen } from './observe.ts'
import type { SecretSeen } from './secrets.ts'
import type { World } from './world.ts'

const Keys = z.object({
  officeId: z.string(),
  secretKey: z.string(),
  requestKey: z.string(),
  refreshKey: z.string().nullable(),
})

const prefix = 'parlae/pms/sikka/'
const grantPrefix = `${prefix}attempts/`

/** The keys that a row points to, where they can be read. */
export async function keysOf(world: World, row: IntegrationSeen): Promise<z.infer<typeof Keys> | undefined> {
  const text = await world.secrets.read(row.secretArn, row.secretVersionId)
  return text === undefined ? undefined : Keys.parse(JSON.parse(text))
}

/**
 * I1: ACTIVE => its version can be read and is its office's. While the account's secret waits to be settled, it may
 * wait for its deletion, from which settling brings it back: `isSettling` says so.
 */
export async function activeIsReadable(
  world: World,
  { integrations }: Seen,
  isSettling: (accountId: string) => boolean,
): Promise<void> {
  for (const row of integrations) {
    if (row.status === 'INACTIVE') continue
    const keys = await keysOf(world, row)
    if (!keys && isSettling(row.accountId)) continue
    demand(keys !== undefined, 'I1 keys in use cannot be read', () => row)
    demand(keys.officeId === row.officeId, 'I1 the keys are of another office', () => ({ row, is: keys.officeId }))
  }
}

/**
 * I10: no more versions than keys were ever received for the account: by each claimed attempt, and by each refresh from
 * either key.
 * @param busy accounts that have something under way, which may be ahead of what was seen
 */
export async function versionsCounted(
  world: World,
  secrets: readonly SecretSeen[],
  { attempts, integrations }: Seen,
  busy: ReadonlySet<string>,
): Promise<void> {
  const { requestKey } = world.standIns.sikka.calls
  const received = requestKey.authorization_code + requestKey.refresh_key + requestKey.request_key
  let all = 0
  for (const { arn, name } of secrets) {
    const ids = await world.secrets.versions(arn)
    if (name.startsWith(grantPrefix)) demand(ids.length <= 2, 'I10 too many versions of a grant', () => ({ name, ids }))
    else all += ids.length
    const person = world.people.find(({ id }) => name === `${prefix}${id}` && !busy.has(id))
    if (!person) continue
    const claimed = attempts.filter(({ accountId, status }) => accountId === person.id && status !== 'CREATED').length
    const row = integrations.find(({ accountId }) => accountId === person.id)
    const refreshed = 2 * (world.refreshes.get(row?.id ?? '') ?? 0)
    demand(ids.length <= claimed + refreshed, 'I10 more versions than keys of this account', () => ({
      name,
      ids,
      claimed,
      refreshed,
    }))
  }
  demand(all <= received, 'I10 more versions than exchanges and refreshes', () => ({ all, received }))
}

/** I7: what is in Secrets Manager and not to be deleted is in use. */
export function nothingLeft(secrets: readonly SecretSeen[], { integrations, attempts }: Seen): void {
  for (const { name, isDoomed } of secrets) {
    if (isDoomed) continue
    const isUsed = name.startsWith(grantPrefix)
      ? attempts.some(({ id, status }) => `${grantPrefix}${id}` === name && status === 'CHOOSING')
      : integrations.some(({ accountId, status }) => `${prefix}${accountId}` === name && status !== 'INACTIVE')
    demand(isUsed, 'I7 a secret that nobody uses is left', () => ({ name, attempts, integrations }))
  }
}

/** AWSCURRENT, for those who read without the row, is what the row says. */
export function currentIsInUse(secrets: readonly SecretSeen[], { integrations }: Seen): void {
  for (const row of integrations) {
    if (row.status === 'INACTIVE') continue
    const secret = secrets.find(({ arn }) => arn === row.secretArn)
    demand(secret?.current === row.secretVersionId, 'I1 AWSCURRENT is not what the row says', () => ({ row, secret }))
  }
}

/** AWSCURRENT follows the row at some distance, and never goes back: who looked too long ago moves nothing. */
export function currentNeverBack(secrets: readonly SecretSeen[], { integrations }: Seen, { versions }: Memory): void {
  for (const { id, secretArn, secretVersionId } of integrations) {
    const known = versions.get(id) ?? { ids: [], current: -1 }
    versions.set(id, known)
    if (known.ids.at(-1) !== secretVersionId) known.ids.push(secretVersionId)
    const secret = secrets.find(({ arn }) => arn === secretArn)
    const now = known.ids.lastIndexOf(secret?.current ?? '')
    if (now < 0) continue
    demand(now >= known.current, 'I1 AWSCURRENT went back to former keys', () => ({ known, current: secret?.current }))
    known.current = now
  }
}

/** The keys in use are alive at Sikka: nobody has revoked them as somebody else's left-overs. */
export async function keysLive(world: World, { integrations }: Seen): Promise<void> {
  for (const row of integrations) {
    if (row.status !== 'ACTIVE') continue
    const keys = await keysOf(world, row)
    const info = await fetch(new URL('/v4/request_key_info', world.standIns.sikka.origin), {
      headers: { 'request-key': keys?.requestKey ?? '' },
    })
    demand(info.ok, 'I9 a request key in use is dead at Sikka', () => row)
  }
}

/** Form of every key and code that this run's Sikka has given away. */
const canary = /(?:requestkey|refreshkey|secretkey|code)demo\d{6,}/

/** I8: no key in the log, nor in any row. */
export async function noCanary(world: World, log: string): Promise<void> {
  const { db, variables } = world.standIns
  const tables = [
    'pms_connection_attempts',
    'pms_integrations',
    'pms_audit_events',
    'pms_abandoned_secrets',
    'pgboss.job',
  ]
  const rows = await Promise.all(
    tables.map((table) => {
      const ours =
        table === 'pms_audit_events' ? `WHERE "accountId" IN (${world.people.map(({ id }) => `'${id}'`).join()})` : ''
      return db.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM ${table} t ${ours}`)
    }),
  )
  const places = {
    log,
    database: rows
      .flat()
      .map(({ row }) => row)
      .join('\n'),
  }
  const secret = [variables['SIKKA_APP_KEY'], variables['STATE_SECRET'], ...world.people.flatMap(secretsOfPerson)]
  for (const [place, held] of Object.entries(places)) {
    const found = canary.exec(held)?.[0] ?? secret.find((each) => each && held.includes(each))
    demand(found === undefined, `I8 a key is in the ${place}`, () =>
      held.slice(Math.max(0, held.indexOf(found ?? '') - 200)).slice(0, 300),
    )
  }
}

function secretsOfPerson({ accessToken, browser }: World['people'][number]): string[] {
  return [accessToken, ...browser.cookies('localhost').map((cookie) => cookie.slice(cookie.indexOf('=') + 1))]
}
