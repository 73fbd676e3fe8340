import { readFile } from 'node:fs/promises'

/** How much of what was sent to a port of this machine its process has not read yet, bytes; Linux tells it of each connection. */
export async function unread(port: number): Promise<number> {
  const local = port.toString(16).toUpperCase().padStart(4, '0')
  const [, ...connections] = (await readFile('/proc/net/tcp', 'latin1')).trim().split('\n')
  const established = '01'
  return connections
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address = '', , state]) => address.endsWith(`:${local}`) && state === established)
    .reduce((sum, [, , , , queues = '']) => sum + Number.parseInt(queues.split(':')[1] ?? '', 16), 0)
}
