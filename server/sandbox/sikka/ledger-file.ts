import { join } from 'node:path'
import * as z from 'zod'
import { readJsonFile, writeJsonFile } from '../json-file.ts'
import type { Authorization, Records } from './ledger.ts'
import { Scenario } from './scenario.ts'

/** Milliseconds for which a key that has ended is still known as one, and so answered with API1025. */
const rememberEnded = 90 * 24 * 60 * 60 * 1000

const AuthorizationRecord = z.object({
  id: z.int(),
  officeId: z.string(),
  practiceName: z.string(),
  pmsType: z.string(),
  chosen: z.custom<Partial<Scenario>>((value) => Scenario.safeParse(value).success),
})
const KeyRecord = z.object({ key: z.string(), authorization: z.int(), dead: z.boolean() })
const RequestKeyRecord = KeyRecord.extend({ startsAt: z.iso.datetime(), endsAt: z.iso.datetime(), requests: z.int() })
const KeptRecords = z.object({
  authorizations: z.array(AuthorizationRecord),
  requestKeys: z.array(RequestKeyRecord),
  refreshKeys: z.array(KeyRecord),
  secretKeys: z.record(z.string(), z.string()),
})

interface LedgerFile {
  /** @throws {Error} when the file is not one of ours */
  load(now: Date): Promise<Records>
  /** Resolves when what the records hold at the call is on disk. Calls at once share a write. */
  save(records: Records): Promise<void>
}

/** @param folder undefined: nothing is kept */
export function ledgerFile(folder: string | undefined): LedgerFile {
  const file = folder === undefined ? undefined : join(folder, 'sikka.json')
  let running = Promise.resolve()
  let waiting: Promise<void> | undefined

  return {
    async load(now) {
      const kept = file === undefined ? undefined : await readJsonFile(file, KeptRecords)
      const authorizations = (kept?.authorizations ?? []).map((record) => ({
        id: record.id,
        officeId: record.officeId,
        practiceName: record.practiceName,
        pmsType: record.pmsType,
        chosen: record.chosen,
        lists: 0,
        failedOnce: new Set<string>(),
      }))
      const byId = new Map<number, Authorization>(
        authorizations.map((authorization) => [authorization.id, authorization]),
      )
      const records: Records = {
        authorizations,
        requestKeys: new Map(),
        refreshKeys: new Map(),
        secretKeys: new Map(Object.entries(kept?.secretKeys ?? {})),
      }
      for (const record of kept?.requestKeys ?? []) {
        const authorization = byId.get(record.authorization)
        const endsAt = new Date(record.endsAt)
        if (!authorization || endsAt.getTime() + rememberEnded < now.getTime()) continue
        records.requestKeys.set(record.key, { ...record, authorization, startsAt: new Date(record.startsAt), endsAt })
      }
      for (const record of kept?.refreshKeys ?? []) {
        const authorization = byId.get(record.authorization)
        if (authorization) records.refreshKeys.set(record.key, { ...record, authorization })
      }
      return records
    },
    async save(records) {
      if (file === undefined) return
      waiting ??= running.then(() => {
        waiting = undefined
        const write = writeJsonFile(file, recorded(records))
        running = write.catch(() => undefined)
        return write
      })
      await waiting
    },
  }
}

function recorded(records: Records): z.input<typeof KeptRecords> {
  return {
    authorizations: records.authorizations.map(({ id, officeId, practiceName, pmsType, chosen }) => ({
      id,
      officeId,
      practiceName,
      pmsType,
      chosen,
    })),
    requestKeys: [...records.requestKeys.values()].map(({ key, authorization, startsAt, endsAt, dead, requests }) => ({
      key,
      authorization: authorization.id,
      startsAt: startsAt.toISOString(),
      endsAt: endsAt.toISOString(),
      dead,
      requests,
    })),
    refreshKeys: [...records.refreshKeys.values()].map(({ key, authorization, dead }) => ({
      key,
      authorization: authorization.id,
      dead,
    })),
    secretKeys: Object.fromEntries(records.secretKeys),
  }
}
