import type { AdapterFactory, AdapterPayload } from 'oidc-provider'

interface Entry {
  readonly model: string
  readonly payload: AdapterPayload
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** What the provider remembers, for as long as it runs: a sign-in does not outlive the sandbox. */
export function memoryAdapter(): AdapterFactory {
  const entries = new Map<string, Entry>()
  const clearExpired = () => {
    for (const [key, { expiresAt }] of entries) {
      if (expiresAt <= Date.now()) entries.delete(key)
    }
  }
  return (model) => {
    const keyOf = (id: string) => `${model}:${id}`
    const find = async (matches: (payload: AdapterPayload) => boolean) =>
      [...entries.values()].find((entry) => entry.model === model && matches(entry.payload))?.payload
    return {
      async upsert(id, payload, expiresIn = Infinity) {
        clearExpired()
        entries.set(keyOf(id), { model, payload, expiresAt: Date.now() + expiresIn * 1000 })
      },
      async find(id) {
        clearExpired()
        return entries.get(keyOf(id))?.payload
      },
      findByUid: (uid) => find((payload) => payload.uid === uid),
      findByUserCode: (userCode) => find((payload) => payload.userCode === userCode),
      async consume(id) {
        const payload = entries.get(keyOf(id))?.payload
        if (payload) payload['consumed'] = Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        entries.delete(keyOf(id))
      },
      async revokeByGrantId(grantId) {
        for (const [key, { payload }] of entries) {
          if (payload.grantId === grantId) entries.delete(key)
        }
      },
    }
  }
}
