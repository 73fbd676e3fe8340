import * as z from 'zod'
import { Redacted } from '../config/redacted.ts'
import { ConnectionFailure } from '../failure.ts'
import { readOfficeId } from '../office-id.ts'
import type { PracticeKeys } from './practice-keys.ts'
import type { Grant } from '../practice.ts'

const key = z.codec(z.string().min(1), z.instanceof(Redacted), {
  decode: (text) => new Redacted(text),
  encode: (redacted) => redacted.reveal(),
})

const time = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
})

/** What a service that needs the practice's keys reads (contract, section 6, step 7), in this order. */
const PracticeText = z.object({
  officeId: z.string().min(1),
  secretKey: key,
  requestKey: key,
  refreshKey: key.nullable(),
  tokenExpiry: time,
  practiceName: z.string(),
  practiceId: z.string(),
  pmsType: z.string(),
})

const GrantText = z.object({
  requestKey: key,
  refreshKey: key.nullable(),
  issuedTo: z.string().nullable(),
  // Missing in what an older version has written.
  listed: z.array(z.string()).optional(),
  tokenExpiry: time,
})

/** The same keys are always the same bytes: only so is a repeated write no second version (F53). */
export function practiceText(keys: PracticeKeys): string {
  const { officeId: compared, writtenOfficeId: officeId = compared, refreshKey = null } = keys
  return JSON.stringify(z.encode(PracticeText, { ...keys, officeId, refreshKey }))
}

/** @throws {ConnectionFailure} KEYS_UNREADABLE for what `practiceText` does not write (F58) */
export function readPracticeText(text: string | undefined): PracticeKeys {
  const { refreshKey, officeId, ...keys } = read(PracticeText, text)
  return { ...keys, ...readOfficeId(officeId), refreshKey: refreshKey ?? undefined }
}

export function grantText({ requestKey, refreshKey, issuedTo, listed, expiresAt }: Grant): string {
  return JSON.stringify(
    z.encode(GrantText, {
      requestKey,
      refreshKey: refreshKey ?? null,
      issuedTo: issuedTo ?? null,
      ...(listed ? { listed: [...listed] } : {}),
      tokenExpiry: expiresAt,
    }),
  )
}

/** @throws {ConnectionFailure} KEYS_UNREADABLE for what `grantText` does not write (F58) */
export function readGrantText(text: string | undefined): Grant {
  const { refreshKey, issuedTo, tokenExpiry, ...grant } = read(GrantText, text)
  return {
    ...grant,
    refreshKey: refreshKey ?? undefined,
    issuedTo: issuedTo ?? undefined,
    expiresAt: tokenExpiry,
  }
}

/** Fields that we do not know are no fault: a later version of this server may have written them (F87). */
function read<Text>(schema: z.ZodType<Text>, text: string | undefined): Text {
  const parsed = schema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const fields = new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'all of it'))
  throw new ConnectionFailure('KEYS_UNREADABLE', `Stored keys are not in our form: ${[...fields].join(', ')}`)
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
