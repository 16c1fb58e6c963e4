import { isIPv6 } from 'node:net'
import type { AccessRules } from '../../api/request-guard.ts'
import { parseHost } from '../../domain/host.ts'
import { isLoopbackHost } from '../../domain/loopback.ts'
import type { Mode } from '../../domain/scope.ts'
import { REAL_HOSTS } from '../../sandbox/drop-in/real-hosts.ts'
import { always, type Setting, type SettingReading, wrongPart } from './setting.ts'

const NOTHING: readonly string[] = []

const LIST_LENGTH_MAX = 100

/** Reads origins of web pages, separated by commas, or `*`. */
export const origins = readList(
  readOrigin,
  'origins such as http://shop.test or https://shop.test:8443, separated by commas and each without a path, or *',
)

/** Reads host names and addresses without a port, separated by commas, or `*`. */
export const hostNames = readList(
  readHostName,
  'host names such as paydesk.test, separated by commas and each without scheme and port, or *',
)

/** The settings that allow web pages to call a server, and host names for it. */
export const ACCESS_SETTINGS = {
  allowOrigin: {
    name: 'allow-origin',
    placeholder: '<origins>',
    read: origins,
    isRepeatable: true,
    defaults: always(NOTHING),
    description:
      'Origins whose pages may call the API, such as http://shop.test. Repeat the flag or separate them by commas. A sandbox also allows its own pages and those of this machine, and refuses all others. `*` allows every page that you visit.',
  } satisfies Setting<readonly string[]>,
  allowHost: {
    name: 'allow-host',
    isSandboxOnly: true,
    placeholder: '<names>',
    read: hostNames,
    isRepeatable: true,
    defaults: always(NOTHING),
    description:
      'Sandbox only. More host names under which the server answers, such as paydesk.test. Repeat the flag or separate them by commas. This machine, --host and --public-url are always allowed. With a --host that other machines can reach, IP addresses and names without a dot are allowed, too. `*` allows every name.',
  } satisfies Setting<readonly string[]>,
} as const

/** The pages that may call a server, and the host names under which it answers. */
export type AccessSettings = {
  /** Origins as browsers spell them, or `*`. */
  readonly allowedOrigins: readonly string[]
  /** Host names in the form that `parseHost` returns, or `*`. */
  readonly allowedHosts: readonly string[]
}

/** Makes the rules that follow from the settings. */
export function accessRulesOf({
  allowedHosts,
  allowedOrigins,
  host,
  impersonation,
  mode,
  publicUrl,
}: AccessSettings & {
  readonly mode: 'sandbox' | 'live'
  readonly host: string
  readonly impersonation: object | undefined
  readonly publicUrl: string | undefined
}): AccessRules {
  const ownName = parseHost(isIPv6(host) ? `[${host}]` : host)?.name
  const names = [
    ...allowedHosts,
    ...(impersonation === undefined ? [] : REAL_HOSTS),
    ...(ownName === undefined ? [] : [ownName]),
    ...(publicUrl === undefined ? [] : [nameIn(publicUrl)]),
  ]
  return {
    hosts: {
      names: new Set(names),
      isReachable: ownName === undefined || !isLoopbackHost(ownName),
    },
    // Pages under the public URL are the sandbox's own, even if a proxy replaces the Host header.
    allowedOrigins: new Set([
      ...allowedOrigins,
      ...(mode === 'live' || publicUrl === undefined ? [] : [new URL(publicUrl).origin]),
    ]),
  }
}

/** Returns the warnings about settings that allow everyone or hide the addresses of customers: one sentence each. */
export function accessWarnings({
  allowedHosts,
  allowedOrigins,
  mode,
  publicUrl,
  trustsProxy,
}: AccessSettings & {
  readonly mode: Mode
  readonly publicUrl: string | undefined
  readonly trustsProxy: boolean
}): readonly string[] {
  return [
    ...(mode === 'live' && publicUrl !== undefined && !trustsProxy
      ? [
          'if this server is behind a proxy, set --trust-proxy: otherwise all customers seem to have the address of the proxy, and share the limits of one address',
        ]
      : []),
    ...(allowedOrigins.includes('*')
      ? ['--allow-origin * lets every web page call this server: list the origins instead']
      : []),
    ...(allowedHosts.includes('*')
      ? [
          '--allow-host * lets any web page reach this sandbox by DNS rebinding: list the hosts instead',
        ]
      : []),
  ]
}

function readList(
  readOne: (text: string) => string | undefined,
  mustBe: string,
): (text: string) => SettingReading<readonly string[]> {
  return (text) => {
    const values = text.split(',').map((one) => (one.trim() === '*' ? '*' : readOne(one.trim())))
    const isList = values.length <= LIST_LENGTH_MAX && values.every((one) => one !== undefined)
    if (isList) return { value: values }
    return { ...wrongPart(text, (part) => part === '*' || readOne(part) !== undefined), mustBe }
  }
}

/** Besides web pages, apps and extensions have an origin: `capacitor://localhost`. */
function readOrigin(text: string): string | undefined {
  const isOrigin = /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@*;]+\/?$/i.test(text) && URL.canParse(text)
  if (!isOrigin) return undefined
  const { origin } = new URL(text)
  return origin === 'null' ? text.replace(/\/$/, '').toLowerCase() : origin
}

function nameIn(url: string): string {
  const { hostname } = new URL(url)
  return hostname.replace(/\.$/, '')
}

function readHostName(text: string): string | undefined {
  const plain = isIPv6(text) ? `[${text}]` : text
  // Names with letters beyond ASCII come in the form that DNS and browsers use.
  const url = /^[^\s/?#@:,*[\]]+$/.test(text) || plain.startsWith('[') ? `http://${plain}` : ''
  const host = URL.canParse(url) ? parseHost(new URL(url).host) : undefined
  return host?.port === '' ? host.name : undefined
}
