import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * A word that stands for one process for ever, `<pid>-<hash of when it started>`: a pid alone may belong
 * to another process tomorrow. Undefined when no process has this pid now.
 */
async function tagOfProcess(pid: number): Promise<string | undefined> {
  const started = await startOfProcess(pid)
  if (started === undefined) return undefined
  return `${pid}-${createHash('sha256').update(started).digest('hex').slice(0, 12)}`
}

/** The tag of this very process. */
export async function ownTag(): Promise<string> {
  const tag = await tagOfProcess(process.pid)
  if (tag === undefined) throw new Error('Neither /proc nor /bin/ps tells when this process started.')
  return tag
}

/** Whether the process that a tag was made for still runs. */
export async function isRunning(tag: string): Promise<boolean> {
  const pid = Number.parseInt(tag, 10)
  return pid > 0 && (await tagOfProcess(pid)) === tag
}

/** A new name, `<kind>.<tag>.<random>`, for what this process makes and its successors clear away. */
export async function ownedName(kind: string): Promise<string> {
  return `${kind}.${await ownTag()}.${randomBytes(6).toString('hex')}`
}

/** Whether a name was made by `ownedName` in a process that is gone. */
export async function isOrphan(name: string): Promise<boolean> {
  const tag = /\.(\d+-[0-9a-f]{12})\.[0-9a-f]{12}$/.exec(name)?.[1]
  return tag !== undefined && !(await isRunning(tag))
}

/** The command line of a process, undefined when it is gone (a zombie is). */
export async function commandOfProcess(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ps(pid, 'command=')
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return line.replaceAll('\0', ' ').trim() || undefined
}

async function startOfProcess(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ps(pid, 'lstart=')
  try {
    // The command's name is in parentheses and may hold anything; the 22nd field is the start, in ticks since boot.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z') return undefined
    return `${await readFile('/proc/sys/kernel/random/boot_id', 'utf8')} ${fields[19]}`
  } catch {
    return undefined
  }
}

async function ps(pid: number, column: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('/bin/ps', ['-ww', '-o', column, '-p', String(pid)], { env: { LC_ALL: 'C' } })
    return stdout.trim() || undefined
  } catch {
    return undefined
  }
}
