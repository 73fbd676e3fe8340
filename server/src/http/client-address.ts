import { isIPv6 } from 'node:net'
import type { Logger } from 'pino'

/**
 * The address that a limit counts: the peer's, or, behind `hops` proxies of ours, the one that the
 * outermost of them saw. What a client writes into `X-Forwarded-For` itself is further left and never read.
 * IPv6 counts by its /64, IPv4 in IPv6 as IPv4.
 */
export function clientAddress(peer: string | undefined, forwardedFor: string | undefined, hops: number): string {
  const forwarded = (forwardedFor ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
  const seen = hops === 0 ? peer : (forwarded.at(-hops) ?? forwarded[0] ?? peer)
  return networkOf(seen ?? 'unknown')
}

/**
 * Says once that proxies are in front of a server that is told of none (T14): all clients then count as one address, the
 * proxy's.
 */
export function forwardingWarning(log: Pick<Logger, 'warn'>): () => void {
  let isSaid = false
  return () => {
    if (isSaid) return
    isSaid = true
    log.warn(
      'Requests come with X-Forwarded-For, but TRUSTED_PROXY_HOPS is 0, so limits count the address of the proxy for ' +
        'every client. Set TRUSTED_PROXY_HOPS to the number of your proxies in front of this server.',
    )
  }
}

function networkOf(address: string): string {
  const plain = withoutPort(address.toLowerCase()).replace(/%.*/, '')
  if (!isIPv6(plain)) return plain
  const groups = groupsOf(plain)
  const [high = 0, low = 0] = groups.slice(6)
  const isMapped = groups.slice(0, 6).join() === '0,0,0,0,0,65535'
  if (isMapped) return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** `1.2.3.4:80` and `[::1]:80`, as some proxies write them. */
function withoutPort(address: string): string {
  return /^\[([^\]]+)\](:\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)/, (_, a: string, b: string, c: string, d: string) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  )
  const [head, tail] = hex.split('::') as [string, string?]
  const before = head === '' ? [] : head.split(':')
  const after = tail ? tail.split(':') : []
  const zeros = 8 - before.length - after.length
  return [...before, ...Array<string>(zeros).fill('0'), ...after].map((group) => Number.parseInt(group, 16))
}
