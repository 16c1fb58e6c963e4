import ipaddr from 'ipaddr.js'
import { isLoopbackHost } from './loopback.ts'

/** Domains without public names: RFC 6761 and 6762, and the top-level domain reserved for private use. */
const LOCAL_DOMAINS: readonly string[] = ['.test', '.local', '.internal', '.home.arpa']
/** The names of local ranges in `ipaddr.js`. */
const LOCAL_RANGES: readonly string[] = ['private', 'uniqueLocal', 'linkLocal']

/**
 * Returns true if a host name, as `URL` returns it, is this machine or one in its network: a shop on a developer's
 * laptop, a phone in the same Wi-Fi, or the name of a service in a Compose file.
 */
export function isLocalHost(hostname: string): boolean {
  if (isLoopbackHost(hostname)) return true
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  if (ipaddr.isValid(host)) return LOCAL_RANGES.includes(ipaddr.process(host).range())
  const name = host.replace(/\.$/, '')
  return !name.includes('.') || LOCAL_DOMAINS.some((domain) => name.endsWith(domain))
}
