import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { isLoopbackHost } from '../domain/loopback.ts'

/** The allowed targets of webhooks, besides https on the internet. */
export type WebhookTargets = {
  /** True: this machine is also allowed, by https or http. For sandboxes. */
  readonly allowsLoopback: boolean
  /** Private networks that are allowed by https or http: `10.0.0.0/8`. */
  readonly networks: readonly string[]
}

/** The protocols of webhooks, as `URL` spells them. */
export type WebhookProtocol = 'https:' | 'http:'

const WEBHOOK_URL_LENGTH_MAX = 2048

/** The addresses of localhost names, without a lookup, by RFC 6761. */
export const LOOPBACK_ADDRESSES = ['127.0.0.1', '::1'] as const

const NETWORK_COUNT_MAX = 50
/** A network wider than the widest private ones, 10.0.0.0/8 and fc00::/7, would disable the guard. */
const NETWORK_BITS_MIN = { ipv4: 8, ipv6: 7 } as const

type IpAddress = ReturnType<typeof ipaddr.parse>
type Network = readonly [base: IpAddress, bits: number]

/** The names of `ipaddr.js` ranges in messages; other ranges are reserved. */
const RANGE_NAMES: ReadonlyMap<string, string> = new Map([
  ['broadcast', 'the broadcast address'],
  ['carrierGradeNat', 'a private address'],
  ['linkLocal', 'a link-local address'],
  ['loopback', 'a loopback address'],
  ['multicast', 'a multicast address'],
  ['private', 'a private address'],
  ['uniqueLocal', 'a private address'],
  ['unspecified', 'an unspecified address'],
])
/** The setting `--webhook-networks` can open these. */
const OPENABLE_RANGES: readonly string[] = ['a loopback address', 'a private address']
/**
 * No setting allows these ranges. They contain no receivers. Most metadata services are in them, at link-local
 * addresses.
 */
const CLOSED_RANGES: readonly string[] = ['broadcast', 'linkLocal', 'multicast', 'unspecified']
/**
 * Metadata services of clouds in public ranges or in ranges that a setting can allow:
 * Azure's WireServer, Alibaba's and Google's metadata, and the range of AWS services.
 */
const METADATA_NETWORKS = [
  '168.63.129.16/32',
  '100.100.100.200/32',
  'fd20:ce::254/128',
  'fd00:ec2::/32',
].map((network) => ipaddr.parseCIDR(network))
/** The public range of IPv6. It excludes IPv4-compatible addresses, for example. */
const IPV6_INTERNET = ipaddr.parseCIDR('2000::/3')
/** IPv6 networks that translate to IPv4; the last 32 bits are the IPv4 address. RFC 6052. */
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96')

const SCHEME = /^(https?:\/\/)([^/?#]*)(.*)$/i
const HOST_LENGTH_MAX = 253
const HOST_LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/

/**
 * Reads the URL of a webhook endpoint. It checks everything except the addresses of its name, which `refusalOf`
 * checks at each call.
 *
 * The text must be the exact URL of the call. Spellings that a parser would correct (`https://0x7f.1`, dot segments,
 * full-width letters) are refused, because the next parser may read them differently.
 *
 * `mustBe` completes "url must …" and repeats no part of the text.
 */
export function readWebhookUrl(
  text: string,
  targets: WebhookTargets,
): { readonly url: URL } | { readonly mustBe: string } {
  if (text.length > WEBHOOK_URL_LENGTH_MAX) {
    return { mustBe: `have at most ${WEBHOOK_URL_LENGTH_MAX} characters` }
  }
  if (!/^[\x21-\x5b\x5d-\x7e]*$/.test(text)) {
    return { mustBe: 'be made of ASCII characters other than blanks and backslashes' }
  }
  const opensHttp = targets.allowsLoopback || targets.networks.length > 0
  const [, scheme = '', authority = '', rest = ''] = SCHEME.exec(text) ?? []
  if (scheme === '' || (scheme.toLowerCase() === 'http://' && !opensHttp)) {
    return { mustBe: opensHttp ? 'begin with https:// or http://' : 'begin with https://' }
  }
  if (authority.includes('@')) return { mustBe: 'have no user name or password' }
  if (text.includes('#')) return { mustBe: 'have no fragment' }
  if (!URL.canParse(text)) return { mustBe: 'be a complete URL' }

  const url = new URL(text)
  if (url.href !== spellingOf(scheme, authority, rest)) {
    return {
      mustBe:
        'have its usual spelling: special characters such as { are escaped, the path has no "." or ".." segments, and an IP address has its usual form',
    }
  }
  if (url.port === '0') return { mustBe: 'name a port from 1 to 65535' }
  const host = bareHost(url)
  if (isIP(host) === 0 && !isHostName(host)) return { mustBe: 'name a valid host' }
  const refusal = refusalOfHost(host, targets, protocolOf(url))
  return refusal === undefined ? { url } : { mustBe: `not resolve to ${withSetting(refusal)}` }
}

/**
 * Returns the reason why an IP address may not be called: `a private address`. Undefined: it may be called.
 *
 * The default protocol is https, which may call the public internet; http may not. If an IPv6 address contains an
 * IPv4 address, the IPv4 address is checked.
 */
export function refusalOf(
  address: string,
  targets: WebhookTargets,
  protocol: WebhookProtocol = 'https:',
): string | undefined {
  if (isIP(address) === 0 || address.includes('%')) return 'an invalid IP address'
  const ip = ipaddr.process(address)
  if (isIn(ip, NAT64)) {
    // A private address here belongs to the translator's network, not to ours.
    const embeddedAddress = ipaddr.fromByteArray(ip.toByteArray().slice(-4))
    return refusalOf(embeddedAddress.toString(), { allowsLoopback: false, networks: [] }, protocol)
  }

  const range = ip.range()
  const name = RANGE_NAMES.get(range) ?? 'a reserved address'
  if (CLOSED_RANGES.includes(range)) return name
  if (METADATA_NETWORKS.some((network) => isIn(ip, network)))
    return 'the metadata address of a cloud'
  if (networksOf(targets).some((network) => isIn(ip, network))) return undefined
  if (range === 'loopback' && targets.allowsLoopback) return undefined
  if (range !== 'unicast' || (ip.kind() === 'ipv6' && !isIn(ip, IPV6_INTERNET))) return name
  return protocol === 'https:'
    ? undefined
    : 'an address on the internet (http:// is only for private and loopback addresses)'
}

/** Returns true if the setting `--webhook-networks` can allow an address that was refused with this reason. */
export function canBeAllowed(refusal: string): boolean {
  return OPENABLE_RANGES.includes(refusal)
}

function withSetting(refusal: string): string {
  return canBeAllowed(refusal)
    ? `${refusal}, unless --webhook-networks allows its network`
    : refusal
}

/**
 * Reads the networks of a setting, separated by commas: `10.0.0.0/8, fd12:3456::/48`. An empty text is an empty list.
 *
 * Undefined: one of them is not a network, has bits set after its prefix, or is wider than the
 * widest private networks, or there are more than 50.
 */
export function parseNetworks(text: string): readonly string[] | undefined {
  if (text.trim() === '') return []
  const networks = text.split(',').map((network) => network.trim())
  if (networks.length > NETWORK_COUNT_MAX) return undefined
  return networks.every((network) => parseNetwork(network) !== undefined) ? networks : undefined
}

/** Returns true if a host name, as `URL` returns it, means this machine. It may end with a dot. */
export function isLoopbackName(host: string): boolean {
  const name = host.replace(/\.$/, '')
  return isIP(name) === 0 && isLoopbackHost(name)
}

/** Returns the host of a URL for a connection: an IPv6 address without its brackets. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

/** Returns the protocol of a URL that `readWebhookUrl` has accepted. */
export function protocolOf(url: URL): WebhookProtocol {
  return url.protocol === 'http:' ? 'http:' : 'https:'
}

function isHostName(host: string): boolean {
  const name = host.replace(/\.$/, '')
  return name.length <= HOST_LENGTH_MAX && name.split('.').every((label) => HOST_LABEL.test(label))
}

/** Returns the spelling of `URL`: lower-case scheme and host, no default port, a path. */
function spellingOf(scheme: string, authority: string, rest: string): string {
  const usualPort = scheme.toLowerCase() === 'https://' ? /:443$/ : /:80$/
  const host = authority.toLowerCase().replace(usualPort, '')
  return `${scheme.toLowerCase()}${host}${rest.startsWith('/') ? '' : '/'}${rest}`
}

function refusalOfHost(
  host: string,
  targets: WebhookTargets,
  protocol: WebhookProtocol,
): string | undefined {
  if (isIP(host) !== 0) return refusalOf(host, targets, protocol)
  if (!isLoopbackName(host)) return undefined
  return LOOPBACK_ADDRESSES.map((address) => refusalOf(address, targets, protocol)).find(
    (refusal) => refusal !== undefined,
  )
}

function networksOf({ networks }: WebhookTargets): Network[] {
  return networks.flatMap((text) => {
    const network = parseNetwork(text)
    return network === undefined ? [] : [network]
  })
}

/** Reads a network. Undefined: the text is not a network that the setting accepts. */
function parseNetwork(text: string): Network | undefined {
  const [, address = '', bitsText = ''] = /^([\d.a-f:]+)\/(\d{1,3})$/i.exec(text) ?? []
  if (isIP(address) === 0) return undefined
  const base = ipaddr.parse(address)
  const bytes = base.toByteArray()
  const bits = Number(bitsText)
  if (bits < NETWORK_BITS_MIN[base.kind()] || bits > bytes.length * 8) return undefined
  // An embedded address is checked as an IPv4 address, so this network would match nothing.
  if (base.range() === 'ipv4Mapped') return undefined
  const hostBits = bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return hostBits.slice(bits).includes('1') ? undefined : [base, bits]
}

function isIn(ip: IpAddress, [base, bits]: Network): boolean {
  return ip.kind() === base.kind() && ip.match(base, bits)
}
