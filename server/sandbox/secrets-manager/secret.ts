import * as z from 'zod'

/** A value of a secret. It never changes; its labels and its last use do. Times are milliseconds since 1970. */
export const SecretVersion = z.object({
  /** the ClientRequestToken of the call that wrote it */
  id: z.string(),
  createdAt: z.number(),
  accessedAt: z.number().optional(),
  /** staging labels, sorted; a version without any is deprecated */
  stages: z.array(z.string()),
  /** exactly one of the two is there; the binary in base64 */
  secretString: z.string().optional(),
  secretBinary: z.string().optional(),
})
export type SecretVersion = z.infer<typeof SecretVersion>

export const Tag = z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256) })
export type Tag = z.infer<typeof Tag>

/** A secret as it lies on disk. */
export const Secret = z.object({
  name: z.string(),
  arn: z.string(),
  description: z.string().optional(),
  kmsKeyId: z.string().optional(),
  tags: z.array(Tag),
  createdAt: z.number(),
  changedAt: z.number(),
  accessedAt: z.number().optional(),
  /** when a secret that is scheduled for deletion is gone for good */
  deletionAt: z.number().optional(),
  /** oldest first */
  versions: z.array(SecretVersion),
})
export type Secret = z.infer<typeof Secret>

/** AWS JSON 1.1 writes a time as seconds since 1970. */
export function epochSeconds(milliseconds: number): number {
  return milliseconds / 1000
}

/** What Secrets Manager says of a last use: the day, not the time. */
export function dayOf(milliseconds: number): number {
  const day = 24 * 60 * 60 * 1000
  return Math.floor(milliseconds / day) * day
}

export function stagesByVersion(secret: Secret): Record<string, string[]> | undefined {
  const labelled = secret.versions.filter(({ stages }) => stages.length > 0)
  return labelled.length === 0 ? undefined : Object.fromEntries(labelled.map(({ id, stages }) => [id, stages]))
}
