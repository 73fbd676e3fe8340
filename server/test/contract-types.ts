/**
 * What a typed client gets, held against the contract's own words (section 5) by the compiler: this file
 * runs nothing, and `pnpm types` fails when a type here is not exactly the client's.
 */
import type { TRPCClient } from '@trpc/client'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { expectTypeOf } from 'vitest'
import type { AppRouter } from '../src/http/trpc/router.ts'

type Outputs = inferRouterOutputs<AppRouter>
type Inputs = inferRouterInputs<AppRouter>

type ErrorCode =
  | 'ACCESS_DENIED'
  | 'CODE_REJECTED'
  | 'CONFLICT'
  | 'NO_PRACTICE'
  | 'SEVERAL_PRACTICES'
  | 'OFFICE_UNPROVEN'
  | 'PROVIDER_ERROR'
  | 'PROVIDER_UNAVAILABLE'
  | 'BAD_RESPONSE'
  | 'CONFIG'
  | 'STORAGE_UNAVAILABLE'
  | 'EXPIRED'
  | 'DECLINED'
  | 'REPLACED'
  | 'DISCONNECTED'
  | 'INTERRUPTED'
  | 'RECONNECT_REQUIRED'
  | 'KEYS_UNREADABLE'
  | 'INTERNAL'

interface ContractStatus {
  isConnected: boolean
  status: 'pending' | 'connecting' | 'connected' | 'failed'
  provider?: 'SIKKA'
  practiceName?: string
  pmsType?: string
  error?: string
  errorCode?: ErrorCode
  attemptId?: string
  deadline?: string
  step?: 'authorized' | 'keys_received' | 'practice_found'
  // With P15's optional fields: within one major version fields are only added.
  choices?: {
    id: string
    practiceName: string
    pmsType: string
    city?: string
    state?: string
    places?: number
    officeId?: string
  }[]
  replaces?: string
  connectedAt?: string
  revision: string
  timestamp: string
}

type ContractStarted = { authorizationUrl: string; attemptId: string; expiresAt: string }

type ContractHistory = {
  events: {
    id: string
    at: string
    event:
      | 'started'
      | 'authorized'
      | 'denied'
      | 'refused'
      | 'chosen'
      | 'connected'
      | 'failed'
      | 'expired'
      | 'cancelled'
      | 'refreshed'
      | 'reconnect_required'
      | 'disconnected'
    attemptId?: string
    errorCode?: ErrorCode
  }[]
  nextCursor?: string
}

type ContractStatusInput = { attemptId?: string; after?: string; waitSeconds?: number }

export function types(): void {
  expectTypeOf<keyof Outputs>().toEqualTypeOf<'pms' | 'account'>()
  expectTypeOf<keyof Outputs['pms']>().toEqualTypeOf<
    'startConnection' | 'connectionStatus' | 'choosePractice' | 'declineChoice' | 'disconnect' | 'history'
  >()
  expectTypeOf<Outputs['pms']['connectionStatus']>().toEqualTypeOf<ContractStatus>()
  expectTypeOf<Inputs['pms']['connectionStatus']>().toEqualTypeOf<ContractStatusInput | undefined | void>()
  expectTypeOf<Outputs['pms']['startConnection']>().toEqualTypeOf<ContractStarted>()
  expectTypeOf<Inputs['pms']['startConnection']>().toEqualTypeOf<void>()
  expectTypeOf<Outputs['pms']['choosePractice']>().toEqualTypeOf<ContractStatus>()
  expectTypeOf<Inputs['pms']['choosePractice']>().toEqualTypeOf<{ attemptId: string; choiceId: string }>()
  expectTypeOf<Outputs['pms']['declineChoice']>().toEqualTypeOf<ContractStatus>()
  expectTypeOf<Inputs['pms']['declineChoice']>().toEqualTypeOf<{ attemptId: string }>()
  expectTypeOf<Outputs['pms']['disconnect']>().toEqualTypeOf<ContractStatus>()
  expectTypeOf<Inputs['pms']['disconnect']>().toEqualTypeOf<void>()
  expectTypeOf<Outputs['pms']['history']>().toEqualTypeOf<ContractHistory>()
  expectTypeOf<Inputs['pms']['history']>().toEqualTypeOf<{ cursor?: string; limit?: number } | undefined | void>()
  expectTypeOf<Outputs['account']['current']>().toEqualTypeOf<{ accountId: string; email?: string }>()
  expectTypeOf<Inputs['account']['current']>().toEqualTypeOf<void>()
}

/** What does not fit the contract does not compile. */
export async function misuse(client: TRPCClient<AppRouter>): Promise<void> {
  await client.pms.connectionStatus.query()
  await client.pms.connectionStatus.query({ after: 'revision', waitSeconds: 25 })
  await client.pms.startConnection.mutate()
  await client.pms.choosePractice.mutate({ attemptId: 'id', choiceId: 'id' })
  await client.pms.disconnect.mutate()
  await client.pms.history.query()
  await client.pms.history.query({ cursor: '1', limit: 10 })
  await client.account.current.query()
  // @ts-expect-error no input names an account
  await client.pms.disconnect.mutate({ accountId: 'x' })
  // @ts-expect-error a mutation is not a query
  await client.pms.startConnection.query()
  // @ts-expect-error no input names an account
  await client.pms.connectionStatus.query({ accountId: 'x' })
  // @ts-expect-error an account is nobody's input
  await client.account.current.query({ accountId: 'x' })
  // @ts-expect-error seconds are a number
  await client.pms.connectionStatus.query({ waitSeconds: '25' })
  const status = await client.pms.connectionStatus.query()
  // @ts-expect-error a status is one of four
  if (status.status === 'success') return
  // @ts-expect-error an optional text may be missing
  status.practiceName.toUpperCase()
}
