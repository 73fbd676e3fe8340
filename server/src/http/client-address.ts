import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Logger } from 'pino'

/**
 * The address that a limit counts: the peer's or, behind `hops` of our proxies, the one the outermost proxy saw. A
 * client's own `X-Forwarded-For` entries are further left and never read. IPv6 counts by its /64, IPv4-mapped IPv6 as
 * IPv4.
 */
export function clientAddress(peer: string | undefined, forwardedFor: string | undefined, hops: number): string {
  const forwarded = (forwardedFor ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
  const seen = hops === 0 ? peer : (forwarded.at(-hops) ?? forwarded[0] ?? peer)
  return networkOf(seen ?? 'unknown')
}

/**
 * Warns once that requests come through proxies although none is configured (T14): all clients then count as one
 * address, the proxy's.
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
  const parsed = ipaddr.IPv6.parse(plain)
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString()
  const network = parsed.parts.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

/** `1.2.3.4:80` and `[::1]:80`, as some proxies write them. */
function withoutPort(address: string): string {
  return /^\[([^\]]+)\](:\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address
}
