import { Command } from 'commander'
import { expect, test } from 'vitest'
import { withSettings } from '../../cli/database-command.ts'
import { accessRulesOf, accessWarnings, hostNames, origins } from './access-settings.ts'
import { readSettings } from './read-settings.ts'
import { SettingsUnusable } from './settings-unusable.ts'

test.each([
  ['http://shop.test', ['http://shop.test']],
  ['HTTP://Shop.Test:80/', ['http://shop.test']],
  ['https://shop.test:8443, http://b.test', ['https://shop.test:8443', 'http://b.test']],
  ['https://bücher.example', ['https://xn--bcher-kva.example']],
  ['http://[FD00::5]:3000', ['http://[fd00::5]:3000']],
  ['capacitor://localhost', ['capacitor://localhost']],
  ['chrome-extension://abcdefgh/', ['chrome-extension://abcdefgh']],
  ['*', ['*']],
  ['http://shop.test,*', ['http://shop.test', '*']],
])('the origins %s are accepted by --allow-origin', (text, value) => {
  expect(origins(text)).toEqual({ value })
})

test.each([
  'shop.test',
  'http://shop.test/path',
  'http://shop.test?x',
  'http://user@shop.test',
  'http://*.shop.test',
  'null',
  'http://a.test,',
  'http://a b',
  Array.from({ length: 101 }, () => 'http://a').join(','),
])('--allow-origin %s is refused', (text) => {
  expect(origins(text)).toMatchObject({ mustBe: expect.stringContaining('origins such as') })
})

test.each([
  ['paydesk.test', ['paydesk.test']],
  ['PayDesk.Test., b.test', ['paydesk.test', 'b.test']],
  ['bücher.example', ['xn--bcher-kva.example']],
  ['10.0.0.5', ['10.0.0.5']],
  ['fd00::5', ['[fd00::5]']],
  ['[fd00::5]', ['[fd00::5]']],
  ['*', ['*']],
])('the hosts %s are accepted by --allow-host', (text, value) => {
  expect(hostNames(text)).toEqual({ value })
})

test.each(['http://paydesk.test', 'paydesk.test:4242', 'a/b', '*.test', 'a,', '[::1', 'a@b'])(
  '--allow-host %s is refused',
  (text) => {
    expect(hostNames(text)).toMatchObject({ mustBe: expect.stringContaining('host names such as') })
  },
)

test('the allowed origins and hosts have environment variables, and a flag overrides its variable', () => {
  const environment = {
    PAYDESK_ALLOW_ORIGIN: 'http://a.test,http://b.test',
    PAYDESK_ALLOW_HOST: 'a.test, b.test',
  }
  expect(readSettings({}, environment)).toMatchObject({
    allowedOrigins: ['http://a.test', 'http://b.test'],
    allowedHosts: ['a.test', 'b.test'],
  })
  expect(readSettings({ allowHost: 'c.test' }, environment)).toMatchObject({
    allowedHosts: ['c.test'],
  })
  expect(readSettings({}, {})).toMatchObject({ allowedOrigins: [], allowedHosts: [] })
})

test('--allow-origin and --allow-host may be repeated', () => {
  const command = withSettings(new Command())
  const flags = ['--allow-origin', 'http://a.test', '--allow-origin', 'http://b.test,http://c.test']
  command.parse([...flags, '--allow-host', 'a.test', '--allow-host', 'b.test'], { from: 'user' })
  expect(readSettings(command.opts(), {})).toMatchObject({
    allowedOrigins: ['http://a.test', 'http://b.test', 'http://c.test'],
    allowedHosts: ['a.test', 'b.test'],
  })
})

test('live mode refuses --allow-host, and accepts --allow-origin', () => {
  const live = { live: true, data: 'x.db', processor: 'p.js' }
  const environment = { PAYDESK_SECRET_KEY: '0f'.repeat(32) }
  expect(() => readSettings({ ...live, allowHost: 'a.test' }, environment)).toThrow(
    SettingsUnusable,
  )
  expect(readSettings({ ...live, allowOrigin: 'https://a.test' }, environment)).toMatchObject({
    allowedOrigins: ['https://a.test'],
  })
})

test('a list that allows everything logs a warning with the name of its setting', () => {
  expect(accessWarnings(readSettings({}, {}))).toEqual([])
  const open = accessWarnings(readSettings({ allowOrigin: '*', allowHost: '*' }, {}))
  expect(open).toEqual([
    expect.stringContaining('--allow-origin *'),
    expect.stringContaining('--allow-host *'),
  ])
})

test.each([
  [{}, [], false, []],
  [{ host: 'localhost' }, ['localhost'], false, []],
  [{ host: '::1' }, ['[::1]'], false, []],
  [{ host: '127.0.0.2' }, ['127.0.0.2'], false, []],
  [{ host: '0.0.0.0' }, ['0.0.0.0'], true, []],
  [{ host: '::' }, ['[::]'], true, []],
  [{ host: 'Paydesk.Lan' }, ['paydesk.lan'], true, []],
  [
    { publicUrl: 'https://Pay.Example:8443/desk' },
    ['pay.example'],
    false,
    ['https://pay.example:8443'],
  ],
  [{ allowHost: 'a.test', allowOrigin: 'http://b.test' }, ['a.test'], false, ['http://b.test']],
  [{ impersonate: 'true' }, ['payments.zoho.in', 'accounts.zoho.com'], false, []],
])(
  'the flags %j allow the host names %j, and set whether other computers reach the server: %j',
  (flags, names, isReachable, allowedNames) => {
    const rules = accessRulesOf(readSettings(flags, {}))
    expect([...rules.hosts.names]).toEqual(expect.arrayContaining(names))
    expect(rules.hosts.isReachable).toBe(isReachable)
    expect([...rules.allowedOrigins]).toEqual(allowedNames)
  },
)
