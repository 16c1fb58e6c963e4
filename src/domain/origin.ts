import type { Host } from './host.ts'
import { isLoopbackHost } from './loopback.ts'

const ORIGIN_LENGTH_MAX = 100

/**
 * The characters of an origin. Stricter than URLs: a semicolon in a host would end the directive of a
 * Content-Security-Policy that contains the origin.
 */
const ORIGIN = /^https?:\/\/[a-z0-9._-]+(?::\d{1,5})?$/

/** Returns true if a text is the origin of a web page as a browser spells it: `https://shop.example`. */
export function isOrigin(text: string): boolean {
  return (
    text.length <= ORIGIN_LENGTH_MAX &&
    ORIGIN.test(text) &&
    URL.canParse(text) &&
    new URL(text).origin === text
  )
}

/**
 * The reason why a page may call the server. `named`: its origin is listed, or always allowed in a sandbox. `any`:
 * only the list's `*` allows it, so it may not send credentials. Undefined: it may not call.
 */
export type OriginAccess = 'named' | 'any' | undefined

/** Decides whether a list allows an `Origin` header. */
export function listedAccess(origin: string, allowedOrigins: ReadonlySet<string>): OriginAccess {
  if (allowedOrigins.has(origin)) return 'named'
  return allowedOrigins.has('*') ? 'any' : undefined
}

/**
 * Decides whether a sandbox accepts a request with an `Origin` header: from pages of this machine, from
 * its own pages, and from the listed origins. `null`, the origin of a page that hides its own, is
 * foreign. `host` is the host of the request.
 */
export function sandboxAccess(
  origin: string,
  host: Host | undefined,
  allowedOrigins: ReadonlySet<string>,
): OriginAccess {
  const isLocal = /^https?:/.test(origin) && isLoopbackOrOwn(origin, host)
  return isLocal ? 'named' : listedAccess(origin, allowedOrigins)
}

function isLoopbackOrOwn(origin: string, host: Host | undefined): boolean {
  if (!URL.canParse(origin)) return false
  const { hostname, port, protocol, origin: spelling } = new URL(origin)
  if (spelling !== origin) return false
  const name = hostname.replace(/\.$/, '')
  if (isLoopbackHost(name)) return true
  // The scheme is not compared, because a proxy may end TLS.
  const usualPort = protocol === 'https:' ? '443' : '80'
  return name === host?.name && (port || usualPort) === (host.port || usualPort)
}
