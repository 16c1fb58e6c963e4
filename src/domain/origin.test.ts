import { expect, test } from 'vitest'
import { parseHost } from './host.ts'
import { listedAccess, type OriginAccess, sandboxAccess } from './origin.ts'

const NONE: ReadonlySet<string> = new Set()
const LISTED: ReadonlySet<string> = new Set(['http://shop.test', 'capacitor://localhost'])
const ALL: ReadonlySet<string> = new Set(['http://shop.test', '*'])

test.each<[origin: string, host: string, byDefault: OriginAccess, listed: OriginAccess]>([
  // Pages of this machine.
  ['http://localhost:3000', 'localhost:4242', 'named', 'named'],
  ['https://localhost', 'localhost:4242', 'named', 'named'],
  ['http://shop.localhost:3000', 'localhost:4242', 'named', 'named'],
  ['http://127.0.0.1:3000', '[::1]:4242', 'named', 'named'],
  ['http://[::1]:3000', 'localhost:4242', 'named', 'named'],
  ['http://localhost.:3000', 'localhost:4242', 'named', 'named'],
  // The sandbox's own pages, under each name by which it is reached.
  ['http://paydesk:4242', 'paydesk:4242', 'named', 'named'],
  ['http://paydesk:4242', 'PAYDESK.:4242', 'named', 'named'],
  ['https://payments.zoho.in', 'payments.zoho.in', 'named', 'named'],
  ['https://payments.zoho.in', 'payments.zoho.in:443', 'named', 'named'],
  ['http://192.168.1.5:4242', '192.168.1.5:4242', 'named', 'named'],
  ['http://paydesk:3000', 'paydesk:4242', undefined, undefined],
  ['http://192.168.1.6:4242', '192.168.1.5:4242', undefined, undefined],
  // Listed pages.
  ['http://shop.test', 'localhost:4242', undefined, 'named'],
  ['capacitor://localhost', 'localhost:4242', undefined, 'named'],
  ['https://shop.test', 'localhost:4242', undefined, undefined],
  ['http://shop.test:8080', 'localhost:4242', undefined, undefined],
  ['http://x.shop.test', 'localhost:4242', undefined, undefined],
  // Foreign pages, and origins that look like an allowed one.
  ['null', 'localhost:4242', undefined, undefined],
  ['', 'localhost:4242', undefined, undefined],
  ['http://evil.test', 'localhost:4242', undefined, undefined],
  ['http://localhost.evil.test', 'localhost:4242', undefined, undefined],
  ['http://127.0.0.1.evil.test', 'localhost:4242', undefined, undefined],
  ['http://localhost:3000, http://evil.test', 'localhost:4242', undefined, undefined],
  ['http://localhost@evil.test', 'localhost:4242', undefined, undefined],
  ['http://localhost:3000/', 'localhost:4242', undefined, undefined],
  ['HTTP://LOCALHOST:3000', 'localhost:4242', undefined, undefined],
  ['file://', 'localhost:4242', undefined, undefined],
  ['chrome-extension://localhost', 'localhost:4242', undefined, undefined],
  ['capacitor://evil', 'localhost:4242', undefined, undefined],
])(
  'a page of %s that calls the host %s has the access %s by default, and %s with a list',
  (origin, host, byDefault, expectedAccess) => {
    expect(sandboxAccess(origin, parseHost(host), NONE)).toBe(byDefault)
    expect(sandboxAccess(origin, parseHost(host), LISTED)).toBe(expectedAccess)
    expect(sandboxAccess(origin, parseHost(host), ALL)).toBe(byDefault ?? listedAccess(origin, ALL))
  },
)

test('a listed origin has the access `named`, and * gives every other origin the access `any`', () => {
  expect(listedAccess('http://shop.test', LISTED)).toBe('named')
  expect(listedAccess('http://localhost:3000', LISTED)).toBeUndefined()
  expect(listedAccess('http://shop.test', ALL)).toBe('named')
  expect(listedAccess('null', ALL)).toBe('any')
})
