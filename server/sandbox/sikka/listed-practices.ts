import type { Cloud } from './cloud.ts'
import type { Authorization } from './ledger.ts'
import { manyOffices, otherOffices, type Practice } from './practices.ts'
import type { Scenario } from './scenario.ts'

/** Where in a list of `many` this user's office is: on the second page of 50. */
const ownOfMany = 54

/**
 * The offices that a list holds, in its order (AT26, F41, F42).
 * @param own undefined when the application asks for itself, without a request key
 */
export function listedPractices(cloud: Cloud, scenario: Scenario, own: Authorization | undefined): Practice[] {
  if (scenario.practices === 'none') return []
  if (!own) return [otherOffices[0], ...cloud.ledger.authorizations(), otherOffices[1]]
  if (scenario.list === 'user') return ofUser(scenario, own)
  const others = cloud.ledger.authorizations().filter(({ officeId }) => officeId !== own.officeId)
  return [otherOffices[0], ...others, ...ofUser(scenario, own), otherOffices[1]]
}

function ofUser({ practices, manyOffices: count }: Scenario, own: Practice): Practice[] {
  switch (practices) {
    case 'one':
      return [own]
    case 'none':
      return []
    case 'several':
      return [...manyOffices(2), own]
    case 'duplicated':
      return [own, own]
    case 'many':
      return manyOffices(count - 1).toSpliced(ownOfMany, 0, own)
    case 'many_others':
      return manyOffices(count)
    case 'others_only':
      return manyOffices(2)
    case 'same_name':
      return [own, ...sameName(own, 8)]
  }
}

function sameName({ practiceName }: Practice, count: number): Practice[] {
  return manyOffices(count).map(({ officeId, pmsType }, index) => ({
    officeId,
    practiceName,
    pmsType,
    city: `City ${index + 1}`,
  }))
}
