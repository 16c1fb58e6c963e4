import { expect, test } from 'vitest'
import { isLocalHost } from './local-host.ts'

test.each([
  'localhost',
  'shop.localhost',
  '127.0.0.1',
  '[::1]',
  '192.168.1.20',
  '10.0.0.7',
  '172.16.5.4',
  '169.254.10.1',
  '[fd12:3456::1]',
  '[fe80::1]',
  '[::ffff:192.168.1.20]',
  'shop',
  'shop.test',
  'laptop.local',
  'shop.internal',
])('%s is a host of the local network', (host) => {
  expect(isLocalHost(host)).toBe(true)
})

test.each([
  'shop.example',
  'test.example.com',
  '8.8.8.8',
  '172.32.0.1',
  '[2001:db8::1]',
  '[::ffff:8.8.8.8]',
  'shoptest.com',
  '192.168.1.20.example.com',
])('%s is not a host of the local network', (host) => {
  expect(isLocalHost(host)).toBe(false)
})
