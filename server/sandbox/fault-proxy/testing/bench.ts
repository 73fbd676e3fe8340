import { startFaultProxy, type FaultProxy } from '../start.ts'
import { connectThrough, read, tcpTarget, type Pair } from './tcp-target.ts'

export interface Bench extends Pair, AsyncDisposable {
  proxy: FaultProxy
  /** another connection through the proxy */
  connect: () => Promise<Pair>
}

/** A line whose both ends the test holds. */
export async function bench(): Promise<Bench> {
  const tcp = await tcpTarget()
  const proxy = await startFaultProxy({ target: tcp })
  const pairs: Pair[] = []
  const connect = async () => {
    const pair = await connectThrough(proxy, tcp)
    pairs.push(pair)
    return pair
  }
  const close = async () => {
    for (const { client } of pairs) client.destroy()
    await proxy.close()
    await tcp[Symbol.asyncDispose]()
  }
  return { ...(await connect()), proxy, connect, [Symbol.asyncDispose]: close }
}

/** There and back on that line; whatever was sent before on another one would have arrived by then. */
export async function roundTrip({ client, target }: Pair): Promise<void> {
  client.write('ping')
  await read(target, 4)
  target.write('pong')
  await read(client, 4)
}
