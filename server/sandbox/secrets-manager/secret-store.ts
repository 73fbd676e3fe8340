import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readJsonFile, writeJsonFile } from '../json-file.ts'
import { Secret } from './secret.ts'

/** Secrets on disk, one JSON file each. A secret whose deletion date has come is not there any more. */
export interface SecretStore {
  /** All secrets, oldest first. */
  list(): Promise<Secret[]>
  /**
   * Reads a secret, and keeps what `work` makes of it; calls for one name run one after the other.
   * @param work gets undefined where there is no such secret; what it throws leaves all as it was
   */
  change<T>(name: string, work: (secret: Secret | undefined) => { keep: Secret | undefined; answer: T }): Promise<T>
  /** Resolves when no change is under way. */
  settled(): Promise<void>
}

export function secretStore(folder: string, now: () => number): SecretStore {
  const running = new Map<string, Promise<unknown>>()

  async function read(file: string): Promise<Secret | undefined> {
    const secret = await readJsonFile(file, Secret)
    return secret?.deletionAt !== undefined && secret.deletionAt <= now() ? undefined : secret
  }

  async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (running.get(name) ?? Promise.resolve()).then(work)
    const over = turn.catch(() => undefined)
    running.set(name, over)
    try {
      return await turn
    } finally {
      if (running.get(name) === over) running.delete(name)
    }
  }

  return {
    async list() {
      const files = await readdir(folder).catch(() => [])
      const secrets = await Promise.all(
        files.filter((file) => file.endsWith('.json')).map((file) => read(join(folder, file))),
      )
      return secrets.filter((secret) => secret !== undefined).toSorted((a, b) => a.createdAt - b.createdAt)
    },
    change: (name, work) =>
      alone(name, async () => {
        const file = join(folder, fileNameOf(name))
        const secret = await read(file)
        const { keep, answer } = work(secret)
        if (keep === undefined) await rm(file, { force: true })
        else if (keep !== secret) await writeJsonFile(file, keep)
        return answer
      }),
    async settled() {
      await Promise.all(running.values())
    },
  }
}

/** A file name that any name can have: its letters for a reader, its hash so that no two are the same. */
function fileNameOf(name: string): string {
  const readable = name.replace(/[^A-Za-z0-9]+/g, '-').slice(-80)
  return `${readable}.${createHash('sha256').update(name).digest('base64url').slice(0, 22)}.json`
}
