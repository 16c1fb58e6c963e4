import { isLoopbackHost } from './loopback.ts'

/** The host and port of a `Host` header. */
export type Host = {
  /** In the spelling of `URL`, without a final dot: `shop.example`, `10.0.0.1`, `[::1]`. */
  readonly name: string
  /** Empty: the scheme's default port. */
  readonly port: string
}

/** The hosts under which a sandbox answers, besides those of its machine. */
export type HostRules = {
  /** Names as `parseHost` returns them. `*` means every name. */
  readonly names: ReadonlySet<string>
  /** True: other machines can connect, so addresses and names without a dot are accepted too. */
  readonly isReachable: boolean
}

/** The longest `Host` header, in characters: a name of DNS has at most 253. */
const HOST_LENGTH_MAX = 260
/** A name or an address, and a port. Stricter than URLs: no user and no escapes. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d{0,5})?$/i

/**
 * Reads the value of a `Host` header. Undefined: it is not a valid host (RFC 9112, section 3.2).
 */
export function parseHost(text: string): Host | undefined {
  const isHost = text.length <= HOST_LENGTH_MAX && HOST.test(text) && URL.canParse(`http://${text}`)
  if (!isHost) return undefined
  const { hostname, port } = new URL(`http://${text}`)
  const name = hostname.replace(/\.$/, '')
  return name === '' ? undefined : { name, port }
}

/**
 * Returns true if a sandbox accepts a host. A name that foreign DNS can point to this machine must be in the rules,
 * because the sandbox would treat a page under that name as its own.
 */
export function isHostAccepted({ name }: Host, { isReachable, names }: HostRules): boolean {
  return (
    isLoopbackHost(name) ||
    names.has(name) ||
    names.has('*') ||
    (isReachable && (isAddress(name) || !name.includes('.')))
  )
}

/** An address involves no DNS, so a page at an address comes from the machine with that address. */
function isAddress(name: string): boolean {
  return name.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(name)
}
