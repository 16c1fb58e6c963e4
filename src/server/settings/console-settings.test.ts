import { expect, test } from 'vitest'
import { readSettings } from './read-settings.ts'

const LIVE = {
  live: true,
  data: './paydesk.db',
  secretKey: 'ab'.repeat(32),
  processor: './processor.js',
  publicUrl: 'https://pay.example.com',
}
const ON_OPERATIONS = { ...LIVE, consoleOn: 'operations', operationsPort: '9464' }
const OIDC = {
  oidcIssuer: 'https://id.example.com/',
  oidcClientId: 'paydesk',
  oidcClientSecret: 'secret',
  oidcRoles: 'admins=administrator',
}
const CONSOLE_URL = 'https://console.example.com'

test.each([
  ['the public port', LIVE, LIVE.publicUrl],
  ['the operations port without a proxy', ON_OPERATIONS, undefined],
  ['a proxy of the operations port', { ...ON_OPERATIONS, consoleUrl: CONSOLE_URL }, CONSOLE_URL],
  [
    'this machine',
    { ...ON_OPERATIONS, consoleUrl: 'http://localhost:9464/' },
    'http://localhost:9464',
  ],
])('with the console on %s, its URL is as expected', (_name, flags, consoleUrl) => {
  expect(readSettings(flags, {})).toMatchObject({ consoleUrl })
})

test.each([
  [
    { ...ON_OPERATIONS, operationsPort: undefined },
    '--console-on operations needs --operations-port',
  ],
  [{ ...ON_OPERATIONS, publicUrl: undefined }, '--console-on operations needs --public-url'],
  [{ ...ON_OPERATIONS, live: false }, '--console-on operations works only in live mode'],
  [{ ...ON_OPERATIONS, consoleOn: 'both' }, '--console-on must be one of public, operations'],
  [{ ...LIVE, consoleUrl: CONSOLE_URL }, '--console-url needs --console-on operations'],
  [{ ...LIVE, consoleOn: 'public', consoleUrl: CONSOLE_URL }, '--console-url needs --console-on'],
  [
    { ...ON_OPERATIONS, consoleUrl: 'http://10.0.0.5:9464' },
    '--console-url must be an https:// URL',
  ],
  [{ ...ON_OPERATIONS, ...OIDC }, '--oidc-issuer needs --console-url'],
])('%j is refused: %s', (flags, sentence) => {
  expect(() => readSettings(flags, {})).toThrow(sentence)
})
