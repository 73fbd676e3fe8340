import { AwsError } from './aws-error.ts'
import type { Secret, SecretVersion } from './secret.ts'

export const current = 'AWSCURRENT'
const previous = 'AWSPREVIOUS'
const pending = 'AWSPENDING'

/** Most labels of a version; most versions kept; milliseconds for which a version is kept in any case. */
export const limits = { stages: 20, versions: 100, keptFor: 24 * 60 * 60 * 1000 } as const

export interface SecretValue {
  secretString?: string
  secretBinary?: string
}

/** The version that a label is attached to. */
export function holderOf(versions: readonly SecretVersion[], stage: string): SecretVersion | undefined {
  return versions.find(({ stages }) => stages.includes(stage))
}

/** Attaches a label to one version and takes it from all others; without `id`, from all. */
function place(versions: SecretVersion[], stage: string, id: string | undefined): SecretVersion[] {
  return versions.map((version) => {
    const others = version.stages.filter((one) => one !== stage)
    const stages = version.id === id ? [...others, stage].toSorted() : others
    return { ...version, stages }
  })
}

/**
 * Moves a label. When AWSCURRENT leaves a version, that one becomes AWSPREVIOUS, and an AWSPENDING that
 * it still had is gone.
 * @param to undefined: the label is taken away
 * @throws {AwsError} LimitExceededException
 */
export function moveStage(versions: SecretVersion[], stage: string, to: string | undefined): SecretVersion[] {
  const old = holderOf(versions, stage)
  let moved = place(versions, stage, to)
  if (stage === current && to !== undefined && old && old.id !== to) {
    moved = place(moved, previous, old.id)
    if (old.stages.includes(pending)) moved = place(moved, pending, undefined)
  }
  if (moved.some(({ stages }) => stages.length > limits.stages)) {
    throw new AwsError('LimitExceededException', `A version can have ${limits.stages} staging labels at the most.`)
  }
  return moved
}

/**
 * Writes a value as a new version. The same token with the same value changes nothing: that is what makes
 * a repeated call harmless.
 * @param stages undefined: the new version becomes AWSCURRENT, as the first version always does
 * @throws {AwsError} ResourceExistsException, LimitExceededException
 */
export function putVersion(
  secret: Secret,
  token: string,
  value: SecretValue,
  stages: readonly string[] | undefined,
  now: number,
): { secret: Secret; version: SecretVersion } {
  const existing = secret.versions.find(({ id }) => id === token)
  if (existing) {
    checkSameValue(existing, value)
    return { secret, version: existing }
  }
  const first = secret.versions.length === 0
  const labels = new Set([...(stages ?? [current]), ...(first ? [current] : [])])
  let versions: SecretVersion[] = [...secret.versions, { id: token, createdAt: now, stages: [], ...value }]
  for (const stage of labels) versions = moveStage(versions, stage, token)
  const version = versions.find(({ id }) => id === token)
  if (!version) throw new Error('The new version is not among the versions')
  return { secret: { ...secret, versions: pruned(versions, now), changedAt: now }, version }
}

/** A version's value is for ever. @throws {AwsError} ResourceExistsException when it is another one */
export function checkSameValue(version: SecretVersion, value: SecretValue): void {
  if (version.secretString === value.secretString && version.secretBinary === value.secretBinary) return
  throw new AwsError(
    'ResourceExistsException',
    `A version with the ClientRequestToken ${version.id} exists already, and has another value.`,
  )
}

/** Drops deprecated versions past the limit, oldest first; none that is younger than a day. */
function pruned(versions: SecretVersion[], now: number): SecretVersion[] {
  let surplus = versions.length - limits.versions
  return versions.filter(({ stages, createdAt }) => {
    const drop = surplus > 0 && stages.length === 0 && createdAt + limits.keptFor <= now
    if (drop) surplus--
    return !drop
  })
}
