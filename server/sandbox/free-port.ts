import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below 32,768, from where systems give ports to whoever asks for any: nobody gets one of these by chance. */
const firstPort = 20_000
const portCount = 6_000

/**
 * A TCP port of 127.0.0.1 that nobody listens on. It stays the caller's until this process ends: what is started on it
 * may end, and be started there again. Whoever else asks here, from any process, gets another one.
 * @throws Error when all 6,000 are taken
 */
export async function reserveFreePort(): Promise<number> {
  const start = Math.floor(Math.random() * portCount)
  for (let step = 0; step < portCount; step += 1) {
    const port = firstPort + ((start + step) % portCount)
    // Held open beside it as the sign that it is somebody's; the system takes the sign away with the process.
    const sign = await listen(port + portCount)
    if (!sign) continue
    sign.unref()
    const probe = await listen(port)
    if (probe) {
      probe.close()
      await once(probe, 'close')
      return port
    }
    sign.close()
  }
  throw new Error(`No port from ${firstPort} to ${firstPort + portCount - 1} is free. End what listens on them.`)
}

/** @returns undefined when somebody listens there */
async function listen(port: number) {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return server
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw error
  }
}
