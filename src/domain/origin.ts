import type { Host } from './host.ts'
import { isLoopbackHost } from './loopback.ts'

/** How long an origin may be, in characters. */
const ORIGIN_LENGTH_MAX = 100

/**
 * What an origin may be made of. Stricter than URLs are: a host may hold a semicolon there, which
 * would end the rule of a Content-Security-Policy that the origin is written into.
 */
const ORIGIN = /^https?:\/\/[a-z0-9._-]+(?::\d{1,5})?$/

/** Answers whether a text is the origin of a web page as a browser spells it: `https://shop.example`. */
export function isOrigin(text: string): boolean {
  return (
    text.length <= ORIGIN_LENGTH_MAX &&
    ORIGIN.test(text) &&
    URL.canParse(text) &&
    new URL(text).origin === text
  )
}

/**
 * Why a page may call the server. `named`: its origin is listed, or is one that a sandbox always takes.
 * `any`: the list has `*`, so the page may do what a stranger may. Undefined: it may not.
 */
export type OriginAccess = 'named' | 'any' | undefined

/** Says whether a list allows an `Origin` header. */
export function listedAccess(origin: string, allowed: ReadonlySet<string>): OriginAccess {
  if (allowed.has(origin)) return 'named'
  return allowed.has('*') ? 'any' : undefined
}

/**
 * Says whether a sandbox takes a request with an `Origin` header: from pages of the machine itself, from
 * its own pages, and from those that the list allows. `null`, the origin of a page that hides its own, is
 * foreign. `host` is the host that the request came to.
 */
export function sandboxAccess(
  origin: string,
  host: Host | undefined,
  allowed: ReadonlySet<string>,
): OriginAccess {
  const isLocal = /^https?:/.test(origin) && isLoopbackOrOwn(origin, host)
  return isLocal ? 'named' : listedAccess(origin, allowed)
}

function isLoopbackOrOwn(origin: string, host: Host | undefined): boolean {
  if (!URL.canParse(origin)) return false
  const { hostname, port, protocol, origin: spelling } = new URL(origin)
  if (spelling !== origin) return false
  const name = hostname.replace(/\.$/, '')
  if (isLoopbackHost(name)) return true
  // The scheme is not compared: a proxy in front may have taken the TLS off.
  const usualPort = protocol === 'https:' ? '443' : '80'
  return name === host?.name && (port || usualPort) === (host.port || usualPort)
}
