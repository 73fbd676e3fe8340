import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Ids of the system account that the server runs under; undefined: our own. */
export type Account = { readonly uid: number; readonly gid: number } | undefined

/**
 * PostgreSQL refuses to run as root. Under root it runs as an account that is there already: its own, if
 * PostgreSQL was ever installed, or one that every system has.
 * @throws when root finds none of them
 */
export async function chooseAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody', 'daemon']) {
    const account = await findAccount(name)
    if (account && account.uid !== 0) return account
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no account "postgres" or "nobody" to run it as. ' +
      'Run this as an ordinary user, or set DATABASE_URL to a PostgreSQL 15 or newer.',
  )
}

/**
 * How a program of PostgreSQL is started: as that account, in a folder that every account can enter, and
 * with nothing of our own environment (a PGOPTIONS or a key would reach the server). English messages.
 */
export function runAs(account: Account): { uid?: number; gid?: number; cwd: string; env: Record<string, string> } {
  return { ...account, cwd: '/', env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin:/usr/sbin:/sbin' } }
}

/** Whether the account may read every one of these files and run or enter it: the kernel's own answer. */
export async function mayUse(account: Account, ...paths: string[]): Promise<boolean> {
  const script = 'for path; do test -r "$path" && test -x "$path" || exit 1; done'
  return run('/bin/sh', ['-c', script, 'sh', ...paths], runAs(account)).then(
    () => true,
    () => false,
  )
}

async function findAccount(name: string): Promise<Account> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name], runAs(undefined))))
    return uid && gid ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : undefined
  } catch {
    return undefined
  }
}
