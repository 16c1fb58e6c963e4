import { isLoopbackHost } from './loopback.ts'

/** A host and its port, as a `Host` header names them. */
export type Host = {
  /** As `URL` spells it, without a final dot: `shop.example`, `10.0.0.1`, `[::1]`. */
  readonly name: string
  /** Empty: the usual port of the scheme. */
  readonly port: string
}

/** The hosts under which a sandbox answers, beside those of its own machine. */
export type HostRules = {
  /** Names as `parseHost` gives them. `*` stands for every name. */
  readonly names: ReadonlySet<string>
  /** True: other machines can connect, so addresses and names without a dot are taken too. */
  readonly isReachable: boolean
}

/** The longest `Host` header, in characters: a name of DNS has at most 253. */
const HOST_LENGTH_MAX = 260
/** Stricter than URLs are: no user, no escapes, nothing but a name or an address and a port. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d{0,5})?$/i

/** Reads the value of a `Host` header. Undefined: it names no host (RFC 9112, section 3.2). */
export function parseHost(text: string): Host | undefined {
  const isHost = text.length <= HOST_LENGTH_MAX && HOST.test(text) && URL.canParse(`http://${text}`)
  if (!isHost) return undefined
  const { hostname, port } = new URL(`http://${text}`)
  const name = hostname.replace(/\.$/, '')
  return name === '' ? undefined : { name, port }
}

/**
 * Answers whether a sandbox answers under a host. A name that somebody else's DNS can lead to this
 * machine is not taken unless the rules list it: a page under such a name would count as ours.
 */
export function isHostTaken({ name }: Host, { isReachable, names }: HostRules): boolean {
  return (
    isLoopbackHost(name) ||
    names.has(name) ||
    names.has('*') ||
    (isReachable && (isAddress(name) || !name.includes('.')))
  )
}

/** No DNS stands between an address and the machine: a page at an address came from there. */
function isAddress(name: string): boolean {
  return name.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(name)
}
