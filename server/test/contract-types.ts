/**
 * What a typed client gets, held against the contract's own words (section 5) by the compiler: this file
 * runs nothing, and `pnpm types` fails when a type here is not exactly the client's.
 */
import type { TRPCClient } from '@trpc/client'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from '../src/http/trpc/router.ts'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Does not compile unless it is given `true`. */
type Holds<_ extends true> = true
/** One object type of an intersection, so that both sides are compared member by member. */
type Plain<T> = { [Key in keyof T]: T[Key] }

type Outputs = inferRouterOutputs<AppRouter>
type Inputs = inferRouterInputs<AppRouter>

interface ContractStatus {
  isConnected: boolean
  status: 'pending' | 'connecting' | 'connected' | 'failed'
  provider?: 'SIKKA'
  practiceName?: string
  pmsType?: string
  error?: string
  errorCode?:
    | 'ACCESS_DENIED'
    | 'CODE_REJECTED'
    | 'CONFLICT'
    | 'NO_PRACTICE'
    | 'SEVERAL_PRACTICES'
    | 'REPLACEMENT_UNCONFIRMED'
    | 'PROVIDER_ERROR'
    | 'PROVIDER_UNAVAILABLE'
    | 'BAD_RESPONSE'
    | 'CONFIG'
    | 'STORAGE_UNAVAILABLE'
    | 'EXPIRED'
    | 'INTERRUPTED'
    | 'INTERNAL'
  attemptId?: string
  deadline?: string
  step?: 'authorized' | 'keys_received' | 'practice_found'
  choices?: { id: string; practiceName: string; pmsType: string }[]
  replaces?: string
  connectedAt?: string
  revision: string
  timestamp: string
}

type ContractStatusInput = { attemptId?: string; after?: string; waitSeconds?: number }

export type Checks = [
  Holds<Equal<keyof Outputs, 'pms' | 'account'>>,
  Holds<Equal<keyof Outputs['pms'], 'startConnection' | 'connectionStatus'>>,
  Holds<Equal<Plain<Outputs['pms']['connectionStatus']>, Plain<ContractStatus>>>,
  Holds<Equal<Inputs['pms']['connectionStatus'], ContractStatusInput | undefined | void>>,
  Holds<Equal<Outputs['pms']['startConnection'], { authorizationUrl: string; attemptId: string; expiresAt: string }>>,
  Holds<Equal<Inputs['pms']['startConnection'], void>>,
  Holds<Equal<Outputs['account']['current'], { accountId: string; email?: string }>>,
  Holds<Equal<Inputs['account']['current'], void>>,
]

/** What does not fit the contract does not compile. */
export async function misuse(client: TRPCClient<AppRouter>): Promise<void> {
  await client.pms.connectionStatus.query()
  await client.pms.connectionStatus.query({ after: 'revision', waitSeconds: 25 })
  await client.pms.startConnection.mutate()
  await client.account.current.query()
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
