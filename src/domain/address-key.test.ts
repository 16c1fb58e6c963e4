import { expect, test } from 'vitest'
import { addressKeyOf } from './address-key.ts'

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2::1', '20010db800010002/64'],
  ['2001:db8:1:2:ffff:ffff:ffff:ffff', '20010db800010002/64'],
  ['2001:db8:1:3::1', '20010db800010003/64'],
  ['fe80::1%eth0', 'fe80000000000000/64'],
  ['not an address', 'not an address'],
])('requests from %s count under the key %s', (address, key) => {
  expect(addressKeyOf(address)).toBe(key)
})

test('a long text that is not an address takes little memory', () => {
  expect(addressKeyOf('x'.repeat(10_000))).toBe('x'.repeat(64))
})
