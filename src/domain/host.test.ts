import { expect, test } from 'vitest'
import { isHostAccepted, parseHost } from './host.ts'

test.each([
  ['localhost', 'localhost', ''],
  ['LOCALHOST:4242', 'localhost', '4242'],
  ['localhost.', 'localhost', ''],
  ['Shop.Test.:80', 'shop.test', ''],
  ['127.0.0.1:1', '127.0.0.1', '1'],
  ['127.1', '127.0.0.1', ''],
  ['2130706433', '127.0.0.1', ''],
  ['0x7f.1', '127.0.0.1', ''],
  ['[::1]:4242', '[::1]', '4242'],
  ['[0:0:0:0:0:0:0:1]', '[::1]', ''],
  ['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', ''],
  ['my_service:4242', 'my_service', '4242'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example', ''],
  ['localhost:', 'localhost', ''],
])('%s is read as the host %s', (text, name, port) => {
  expect(parseHost(text)).toEqual({ name, port })
})

test.each([
  '',
  ' ',
  '.',
  ':80',
  '[',
  '[::1',
  '::1',
  '[::1]x',
  '[fe80::1%25eth0]',
  'a b',
  'a,b',
  'a@b',
  'a/b',
  'a?b',
  'a#b',
  'a\\b',
  '%6cocalhost',
  'bücher.example',
  'a:65536',
  'a:1:2',
  '256.1.1.1',
  '1.2.3.4.5',
  'a'.repeat(261),
])('%j is refused as a host', (text) => {
  expect(parseHost(text)).toBeUndefined()
})

const LISTED = new Set(['shop.test', 'payments.zoho.in'])

test.each([
  // The host; then whether it is accepted if only this machine can connect, and if others can.
  ['localhost', true, true],
  ['LocalHost.:1', true, true],
  ['shop.localhost', true, true],
  ['127.0.0.1', true, true],
  ['127.8.9.1:4242', true, true],
  ['[::1]:4242', true, true],
  ['shop.test', true, true],
  ['SHOP.TEST.:99', true, true],
  ['payments.zoho.in:443', true, true],
  ['paydesk', false, true],
  ['my_service:4242', false, true],
  ['192.168.1.5:4242', false, true],
  ['0.0.0.0:4242', false, true],
  ['[fd00::5]', false, true],
  ['evil.test', false, false],
  ['localhost.evil.test', false, false],
  ['127.0.0.1.evil.test', false, false],
  ['notlocalhost', false, true],
  ['x.shop.test', false, false],
  ['shop.test.evil.test', false, false],
  ['laptop.local', false, false],
])(
  '%s is accepted: %s on loopback, %s on an address that other machines reach',
  (text, onLoopback, reachable) => {
    const host = parseHost(text)
    if (host === undefined) throw new Error('no host')
    expect(isHostAccepted(host, { names: LISTED, isReachable: false })).toBe(onLoopback)
    expect(isHostAccepted(host, { names: LISTED, isReachable: true })).toBe(reachable)
    expect(isHostAccepted(host, { names: new Set(['*']), isReachable: false })).toBe(true)
  },
)
