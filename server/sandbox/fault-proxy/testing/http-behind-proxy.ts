import type { Agent } from 'node:http'
import { startFaultProxy, type FaultProxy } from '../start.ts'
import { get, httpTarget, type HttpTarget } from './http-target.ts'

export interface HttpBehindProxy extends AsyncDisposable {
  proxy: FaultProxy
  /** as in `HttpTarget` */
  served: string[]
  target: HttpTarget
  /** GET through the proxy */
  get: (path: string, agent?: Agent) => Promise<string>
}

export async function httpBehindProxy(): Promise<HttpBehindProxy> {
  const target = await httpTarget()
  const proxy = await startFaultProxy({ target })
  return {
    proxy,
    served: target.served,
    target,
    get: (path, agent) => get(proxy.origin + path, agent),
    [Symbol.asyncDispose]: async () => {
      await proxy.close()
      await target[Symbol.asyncDispose]()
    },
  }
}
