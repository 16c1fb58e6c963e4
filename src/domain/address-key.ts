import ipaddr from 'ipaddr.js'

/** The part of an IPv6 address that a provider gives to one customer, in bytes: 64 bits. */
const NETWORK_BYTES = 8

/**
 * The longest key, in characters. A proxy may forward any text of a client, and keys stay in memory, so longer texts
 * are cut.
 */
const TEXT_LENGTH_MAX = 64

/**
 * Returns the key under which the requests of an address are counted: the whole IPv4 address, or the 64-bit network of
 * an IPv6 address, because one customer has a whole network. Any other text is the key itself.
 */
export function addressKeyOf(address: string): string {
  const [plain = ''] = address.split('%')
  if (!ipaddr.isValid(plain)) return address.slice(0, TEXT_LENGTH_MAX)
  const ip = ipaddr.process(plain)
  if (ip.kind() === 'ipv4') return ip.toString()
  const network = ip.toByteArray().slice(0, NETWORK_BYTES)
  return `${Buffer.from(network).toString('hex')}/64`
}
