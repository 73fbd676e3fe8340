import { isIPv6 } from 'node:net'

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

function networkOf(address: string): string {
  const plain = address
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length
  const all = [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after]
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
