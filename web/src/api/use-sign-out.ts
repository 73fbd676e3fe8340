import { useAuth } from 'react-oidc-context'
import type { Session } from './session.ts'

/** Signs out here, and at the provider when it offers that. */
export function useSignOut(session: Session): () => Promise<void> {
  const auth = useAuth()
  return async () => {
    const request = await session.signOutRequest()
    await (request ? auth.signoutRedirect(request) : auth.removeUser())
  }
}
