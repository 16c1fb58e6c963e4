import { expect, test } from 'vitest'
import { listenUrlOf } from './listen-url.ts'

test.each([
  ['127.0.0.1', 'IPv4', 'http://127.0.0.1:4242'],
  ['192.168.1.20', 'IPv4', 'http://192.168.1.20:4242'],
  ['::1', 'IPv6', 'http://[::1]:4242'],
  ['0.0.0.0', 'IPv4', 'http://localhost:4242'],
  ['::', 'IPv6', 'http://localhost:4242'],
])('a server on %s (%s) is printed with the URL %s', (address, family, url) => {
  expect(listenUrlOf({ address, family, port: 4242 })).toBe(url)
})
