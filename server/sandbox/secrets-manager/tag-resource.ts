import * as z from 'zod'
import { AwsError } from './aws-error.ts'
import { changeSecret, operation, SecretId } from './operation.ts'
import { Tag } from './secret.ts'

const mostTags = 50

/** @throws {AwsError} InvalidParameterException for too many tags, a key twice, or a key of AWS's own */
export function checkTags(tags: readonly Tag[]): void {
  const keys = new Set(tags.map(({ Key }) => Key))
  if (keys.size !== tags.length) throw new AwsError('InvalidParameterException', 'A tag key is given twice.')
  if (tags.length > mostTags) {
    throw new AwsError('InvalidParameterException', `A secret can have ${mostTags} tags at the most.`)
  }
  if (tags.some(({ Key }) => /^aws:/i.test(Key))) {
    throw new AwsError('InvalidParameterException', "A tag key can't begin with aws:.")
  }
}

/** TagResource: adds tags, and overwrites those of the same key. */
export const tagResource = operation(
  z.object({ SecretId, Tags: z.array(Tag) }),
  async (region, { SecretId: id, Tags: added }) => {
    checkTags(added)
    return changeSecret(region, id, 'refuse', (secret) => {
      const kept = secret.tags.filter(({ Key }) => !added.some((tag) => tag.Key === Key))
      const tags = [...kept, ...added]
      checkTags(tags)
      return { keep: { ...secret, tags, changedAt: region.now() }, answer: {} }
    })
  },
)

/** UntagResource: a key that is not there is no error. */
export const untagResource = operation(
  z.object({ SecretId, TagKeys: z.array(z.string()) }),
  async (region, { SecretId: id, TagKeys: keys }) =>
    changeSecret(region, id, 'refuse', (secret) => ({
      keep: { ...secret, tags: secret.tags.filter(({ Key }) => !keys.includes(Key)), changedAt: region.now() },
      answer: {},
    })),
)
