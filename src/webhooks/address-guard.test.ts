import { afterAll, expect, test } from 'vitest'
import { parseNetworks, readWebhookUrl, refusalOf, type WebhookTargets } from './address-guard.ts'
import { createWebhookPoster } from './post-webhook.ts'

const LIVE: WebhookTargets = { allowsLoopback: false, networks: [] }
const SANDBOX: WebhookTargets = { allowsLoopback: true, networks: [] }
const LOCAL_NETWORKS: WebhookTargets = {
  allowsLoopback: false,
  networks: ['10.0.0.0/8', 'fd12:3456::/48'],
}

/** The addresses of names; other names cannot be resolved. */
const ADDRESSES: ReadonlyMap<string, readonly string[]> = new Map([
  ['private.example', ['10.1.2.3']],
  ['private16.example', ['192.168.1.1']],
  ['private12.example', ['172.31.255.255']],
  ['loopback.example', ['127.0.0.1']],
  ['loopback6.example', ['::1']],
  ['dotted.example.', ['127.0.0.1']],
  ['127.0.0.1.nip.example', ['127.0.0.1']],
  ['metadata.google.internal', ['169.254.169.254']],
  ['metadata6.example', ['fd00:ec2::254']],
  ['alibaba.example', ['100.100.100.200']],
  ['azure.example', ['168.63.129.16']],
  ['link-local.example', ['fe80::1']],
  ['zone.example', ['fe80::1%eth0']],
  ['mapped.example', ['::ffff:10.0.0.1']],
  ['mapped-hex.example', ['::ffff:7f00:1']],
  ['compatible.example', ['::7f00:1']],
  ['translated.example', ['64:ff9b::a00:1']],
  ['translated-azure.example', ['64:ff9b::a83f:8110']],
  ['translated-own.example', ['64:ff9b:1::a00:1']],
  ['stateless.example', ['::ffff:0:a00:1']],
  ['6to4.example', ['2002:a00:1::']],
  ['teredo.example', ['2001:0:4136:e378:8000:63bf:3fff:fdd2']],
  ['unique-local.example', ['fd12:3456::1']],
  ['site-local.example', ['fec0::1']],
  ['unassigned.example', ['4000::1']],
  ['mixed.example', ['93.184.215.14', '10.0.0.1']],
  ['mixed6.example', ['93.184.215.14', '2606:2800:21f:cb07::1', '::1']],
  ['nonsense.example', ['not an address']],
])
const lookup = async (hostname: string) =>
  (ADDRESSES.get(hostname) ?? []).map((address) => ({ address }))

const poster = createWebhookPoster({ targets: LIVE, lookup, clock: { nowMs: () => 0 } })
afterAll(() => poster.close())

const HOSTILE = [
  // Private, loopback and other addresses outside the internet.
  'https://10.0.0.1/',
  'https://10.255.255.255/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.0.1/hook',
  'https://127.0.0.1/',
  'https://127.255.255.254:8443/',
  'https://0.0.0.0/',
  'https://0.1.2.3/',
  'https://100.64.0.1/',
  'https://169.254.0.1/',
  'https://192.0.0.1/',
  'https://192.0.2.1/',
  'https://198.18.0.1/',
  'https://198.51.100.7/',
  'https://203.0.113.9/',
  'https://192.88.99.1/',
  'https://224.0.0.1/',
  'https://239.255.255.250/',
  'https://240.0.0.1/',
  'https://255.255.255.255/',
  // Metadata.
  'https://169.254.169.254/latest/meta-data/',
  'https://100.100.100.200/',
  'https://168.63.129.16/',
  'https://[fd00:ec2::254]/',
  // IPv6, and IPv4 inside IPv6.
  'https://[::]/',
  'https://[::1]/',
  'https://[::1]:3000/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[fe80::1]/',
  'https://[fe80::1%25eth0]/',
  'https://[fc00::1]/',
  'https://[fd12:3456::1]/',
  'https://[fec0::1]/',
  'https://[ff02::1]/',
  'https://[2001:db8::1]/',
  'https://[3fff::1]/',
  'https://[5f00::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[::127.0.0.1]/',
  'https://[::7f00:1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[64:ff9b:1::a00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[2002:a9fe:a9fe::1]/',
  'https://[2001::1]/',
  // Other ways to spell an address.
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.0.0.1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://127.1/',
  'https://127.0.1/',
  'https://0/',
  'https://127.0.0.1./',
  'https://3232235777/',
  'https://134744072/',
  'https://127。0。0。1/',
  'https://１２７.0.0.1/',
  'https://①②⑦.0.0.1/',
  'https://%31%32%37.0.0.1/',
  'https://1.2.3.4.5/',
  'https://256.1.1.1/',
  // Names of the machine itself.
  'https://localhost/',
  'https://localhost:3000/hook',
  'https://LOCALHOST/',
  'https://localhost./',
  'https://shop.localhost/',
  'https://shop.localhost./',
  'https://ⓛocalhost/',
  'https://%6cocalhost/',
  // Credentials, fragments, other schemes.
  'https://user@shop.example/',
  'https://user:password@shop.example/',
  'https://@shop.example/',
  'https://shop.example@10.0.0.1/',
  'https://shop.example%40127.0.0.1/',
  'https://shop.example/#part',
  'https://shop.example/#',
  'http://shop.example/',
  'http://93.184.215.14/',
  'http://localhost:3000/hook',
  'ftp://shop.example/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_',
  'data:text/plain,x',
  'javascript:alert(1)',
  'ws://shop.example/',
  'blob:https://shop.example/1',
  // Spellings that a parser would correct.
  '',
  'shop.example/hook',
  '//shop.example/hook',
  '/hook',
  'https:shop.example',
  'https:/shop.example',
  'https:///shop.example',
  'https://',
  'https:\\\\shop.example\\',
  'https://shop.example\\@10.0.0.1/',
  ' https://shop.example/',
  'https://shop.example/ ',
  'https://shop.example/a b',
  'https://shop.example/\n',
  'https://shop.ex\tample/',
  'https://shop.example/\r\nX-Header: 1',
  'https://shop.example/\0',
  'https://shop.example/a/../b',
  'https://shop.example/%2e%2e/b',
  'https://shop.example/"',
  'https://shop.example/ü',
  'https://bücher.example/',
  'https://shop\u00ad.example/',
  'https://shop..example/',
  'https://.shop.example/',
  'https://shop.example../',
  'https://-shop.example/',
  'https://shop,10.0.0.1/',
  'https://shop;x.example/',
  'https://*.example/',
  'https://shop.example:/',
  'https://shop.example:0/',
  'https://shop.example:0443/',
  'https://shop.example:65536/',
  'https://shop.example:80:90/',
  `https://shop.example/${'a'.repeat(2048)}`,
  `https://${'a'.repeat(64)}.example/`,
  // Names that lead to such addresses.
  ...[...ADDRESSES.keys()].map((name) => `https://${name}/`),
]

test('the table of hostile URLs has no duplicate row', () => {
  expect(HOSTILE.length).toBe(new Set(HOSTILE).size)
  expect(HOSTILE.length).toBeGreaterThan(45)
})

test.each(HOSTILE)('in live mode %j is not called', async (url) => {
  const read = readWebhookUrl(url, LIVE)
  if ('mustBe' in read) {
    expect(read.mustBe).toMatch(/^(?:be|begin|have|name|not resolve to) /)
    expect(read.mustBe).not.toMatch(/shop|\.example|\d\.\d|localhost/)
  }
  const answer = await poster.post({ url, headers: {}, body: '{}' })
  expect(answer).toMatchObject({ kind: 'failed', reason: 'refused_address' })
  if (answer.kind === 'failed') {
    // A message reveals nothing about the addresses in our network.
    expect(answer.detail).not.toMatch(/\d\.\d|::|\.example/)
  }
})

const ALLOWED_LIVE = [
  'https://shop.example',
  'https://shop.example/',
  'https://shop.example/hook?x=1&y=%20',
  'https://shop.example?x=1',
  'https://shop.example/?',
  'https://SHOP.example/Hook',
  'HTTPS://shop.example/hook',
  'https://shop.example.',
  'https://shop.example:443/hook',
  'https://shop.example:8443/hook',
  'https://xn--bcher-kva.example/',
  'https://my_shop.example/a@b:c',
  'https://1.shop.example/',
  'https://localhost.shop.example/',
  'https://93.184.215.14/',
  'https://172.32.0.1/',
  'https://[2606:2800:21f:cb07::1]/',
  'https://[64:ff9b::5db8:d70e]/',
  `https://shop.example/${'a'.repeat(2027)}`,
]
test.each(ALLOWED_LIVE)('in live mode %j is a URL for webhooks', (url) => {
  expect(readWebhookUrl(url, LIVE)).toEqual({ url: new URL(url) })
})

test.each([
  ['https://shop.example/', true],
  ['https://localhost:3000/hook', true],
  ['http://localhost:3000/hook', true],
  ['http://localhost.:3000/hook', true],
  ['http://shop.localhost:3000/hook', true],
  ['http://127.0.0.1:3000/hook', true],
  ['http://127.8.9.10/hook', true],
  ['http://[::1]:3000/hook', true],
  ['http://[::ffff:7f00:1]:3000/hook', true],
  // The addresses of this name are looked up at the call.
  ['http://shop.example/', true],
  ['http://93.184.215.14/', false],
  ['http://10.0.0.1/', false],
  ['https://10.0.0.1/', false],
  ['http://0.0.0.0:3000/', false],
  ['http://[::]:3000/', false],
  ['http://[64:ff9b::7f00:1]/', false],
  ['http://169.254.169.254/', false],
  ['http://2130706433/', false],
])('a sandbox accepts %j: %s', (url, isTaken) => {
  expect('url' in readWebhookUrl(url, SANDBOX)).toBe(isTaken)
})

test.each([
  ['http://10.1.2.3/', true],
  ['https://10.1.2.3/', true],
  ['http://[fd12:3456::1]/', true],
  ['http://[::ffff:a01:203]/', true],
  ['https://shop.example/', true],
  ['http://merchant:3000/', true],
  ['https://192.168.1.1/', false],
  ['https://[fd12:3457::1]/', false],
  ['http://93.184.215.14/', false],
  ['https://localhost/', false],
  ['https://127.0.0.1/', false],
  ['https://[64:ff9b::a01:203]/', false],
])('with 10.0.0.0/8 and fd12:3456::/48 allowed, %j is accepted: %s', (url, isTaken) => {
  expect('url' in readWebhookUrl(url, LOCAL_NETWORKS)).toBe(isTaken)
})

test.each([
  ['169.254.0.0/16', '169.254.169.254'],
  ['168.0.0.0/8', '168.63.129.16'],
  ['100.64.0.0/10', '100.100.100.200'],
  ['fd00::/8', 'fd00:ec2::254'],
  ['fd00::/8', 'fd20:ce::254'],
  ['fe80::/10', 'fe80::1'],
  ['224.0.0.0/8', '224.0.0.1'],
  ['255.0.0.0/8', '255.255.255.255'],
])(
  'no setting allows metadata, multicast or reserved addresses: %s does not allow %s',
  (network, address) => {
    expect(parseNetworks(network)).toEqual([network])
    expect(refusalOf(address, { allowsLoopback: true, networks: [network] })).toBeDefined()
  },
)

test.each([
  ['', []],
  ['  ', []],
  ['10.0.0.0/8', ['10.0.0.0/8']],
  [
    '10.0.0.0/8, fd12:3456::/48 ,192.168.1.7/32',
    ['10.0.0.0/8', 'fd12:3456::/48', '192.168.1.7/32'],
  ],
  ['fc00::/7', ['fc00::/7']],
  ['FD00::/8', ['FD00::/8']],
  ['10.0.0.1/8', undefined],
  ['fd12:3456::1/48', undefined],
  ['10.0.0.0', undefined],
  ['10/8', undefined],
  ['10.0.0.0/33', undefined],
  ['10.0.0.0/7', undefined],
  ['0.0.0.0/0', undefined],
  ['::/0', undefined],
  ['::/6', undefined],
  ['fd00::/129', undefined],
  ['010.0.0.0/8', undefined],
  ['0x0a.0.0.0/8', undefined],
  ['::ffff:10.0.0.0/104', undefined],
  ['fe80::%eth0/64', undefined],
  ['10.0.0.0/8,', undefined],
  ['10.0.0.0/8 192.168.0.0/16', undefined],
  ['10.0.0.0/-8', undefined],
  ['10.0.0.0/8/8', undefined],
  ['localhost', undefined],
  [Array.from({ length: 50 }, () => '10.0.0.0/8').join(), Array(50).fill('10.0.0.0/8')],
  [Array.from({ length: 51 }, () => '10.0.0.0/8').join(), undefined],
])('the networks %j are read as %j', (text, networks) => {
  expect(parseNetworks(text)).toEqual(networks)
})

test('a malformed network allows no address', () => {
  const targets = { allowsLoopback: false, networks: ['everything', '0.0.0.0/0', '10.0.0.1/8'] }
  expect(refusalOf('10.0.0.1', targets)).toBe('a private address')
})
