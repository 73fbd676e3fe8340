import { expect, it } from 'vitest'
import { clientAddress } from './client-address.ts'

it.each([
  ['203.0.113.7', undefined, 0, '203.0.113.7'],
  ['203.0.113.7', '198.51.100.1', 0, '203.0.113.7'],
  ['10.0.0.1', '198.51.100.1', 1, '198.51.100.1'],
  ['10.0.0.1', '6.6.6.6, 198.51.100.1', 1, '198.51.100.1'],
  ['10.0.0.1', '6.6.6.6, 198.51.100.1, 10.0.0.2', 2, '198.51.100.1'],
  ['10.0.0.1', '198.51.100.1', 2, '198.51.100.1'],
  ['10.0.0.1', undefined, 1, '10.0.0.1'],
  ['::ffff:1.2.3.4', undefined, 0, '1.2.3.4'],
  ['2001:DB8:0:1::9', undefined, 0, '2001:db8:0:1::/64'],
  ['2001:db8:0:1:ffff:1:2:3', undefined, 0, '2001:db8:0:1::/64'],
  ['2001:db8:0:2::9', undefined, 0, '2001:db8:0:2::/64'],
  ['::1', undefined, 0, '0:0:0:0::/64'],
  [undefined, undefined, 0, 'unknown'],
])('AT21: peer %s, forwarded %s, %i hops: %s', (peer, forwarded, hops, counted) => {
  expect(clientAddress(peer, forwarded, hops)).toBe(counted)
})
