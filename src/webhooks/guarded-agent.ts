import { promises as dns } from 'node:dns'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { isIP, type LookupFunction, Socket } from 'node:net'
import {
  canBeAllowed,
  isLoopbackName,
  LOOPBACK_ADDRESSES,
  refusalOf,
  type WebhookProtocol,
  type WebhookTargets,
} from './address-guard.ts'

/** Returns all addresses of a name. Rejects if there are none. */
export type Lookup = (hostname: string) => Promise<readonly { readonly address: string }[]>

/** Uses the machine's resolver, including `/etc/hosts`. */
export const systemLookup: Lookup = (hostname) => dns.lookup(hostname, { all: true })

/** The reason why the guard refused a connection. */
export class GuardError extends Error {
  readonly reason: 'refused_address' | 'dns'

  constructor(reason: GuardError['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/**
 * The maximum number of connections to a host; further calls wait. The limit is higher than the maximum number
 * of simultaneous deliveries, because many merchants can share a host and the delivery queue already limits each merchant.
 */
const SOCKETS_PER_HOST_MAX = 512
/**
 * The maximum number of idle connections to a host. They are as many as one account's simultaneous deliveries, which
 * may end together before the next ones begin.
 */
const IDLE_SOCKETS_PER_HOST_MAX = 64
/** The life of an idle connection, in milliseconds; a server can shorten it. */
const IDLE_MS_MAX = 10_000
/** The maximum number of a name's addresses that are tried. All are checked. */
const TRIED_ADDRESSES_MAX = 8
/** The wait for one address before the next is tried, in milliseconds; Node's 250 is too short between continents. */
const ADDRESS_TRY_MS = 2_000

/**
 * Makes an agent that opens no connection to a forbidden address.
 *
 * The addresses are checked in the lookup of the connection itself, so a name cannot change its addresses between
 * check and call; the connected address is checked once more. A reused connection was checked when it was opened.
 */
export function createGuardedAgent(
  protocol: WebhookProtocol,
  options: {
    readonly targets: WebhookTargets
    readonly lookup: Lookup
    /** False: each call opens a new connection. */
    readonly keepsAlive: boolean
    /** Default: 512. */
    readonly socketsPerHostMax?: number | undefined
  },
): HttpAgent {
  const { keepsAlive, lookup, socketsPerHostMax = SOCKETS_PER_HOST_MAX, targets } = options
  const agentOptions = {
    keepAlive: keepsAlive,
    maxSockets: socketsPerHostMax,
    maxFreeSockets: IDLE_SOCKETS_PER_HOST_MAX,
    timeout: IDLE_MS_MAX,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_TRY_MS,
    lookup: guardedLookup((hostname) => allowedAddresses(hostname, protocol, targets, lookup)),
  }
  const agent =
    protocol === 'https:'
      ? // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED does not disable it.
        new HttpsAgent({ ...agentOptions, rejectUnauthorized: true })
      : new HttpAgent(agentOptions)

  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (connectOptions, callback) => {
    const socket = connect(connectOptions, callback)
    if (!(socket instanceof Socket)) throw new Error('an agent gives a socket')
    // Added before all other listeners, because the pending request waits for the same event.
    socket.prependOnceListener('connect', () => {
      const refusal = refusalOf(socket.remoteAddress ?? '', targets, protocol)
      if (refusal !== undefined) socket.destroy(refusedAddress(refusal))
    })
    return socket
  }
  return agent
}

/** Returns the addresses of a name. Throws a `GuardError` if one of them may not be called. */
async function allowedAddresses(
  hostname: string,
  protocol: WebhookProtocol,
  targets: WebhookTargets,
  lookup: Lookup,
): Promise<readonly string[]> {
  const addresses = isLoopbackName(hostname)
    ? LOOPBACK_ADDRESSES
    : (await lookup(hostname).catch(refuseLookup)).map(({ address }) => address)
  if (addresses.length === 0) refuseLookup()
  for (const address of addresses) {
    const refusal = refusalOf(address, targets, protocol)
    // One forbidden address is enough: an attacker's name may have allowed and forbidden addresses, and the
    // connection could choose either.
    if (refusal !== undefined) throw refusedAddress(refusal)
  }
  return addresses.slice(0, TRIED_ADDRESSES_MAX)
}

function refuseLookup(): never {
  throw new GuardError('dns', 'The name of the host could not be resolved.')
}

function refusedAddress(refusal: string): GuardError {
  const rule = canBeAllowed(refusal)
    ? 'is allowed only if --webhook-networks has its network'
    : 'is not allowed'
  return new GuardError('refused_address', `The host resolves to ${refusal}, which ${rule}.`)
}

function guardedLookup(addressesOf: (hostname: string) => Promise<readonly string[]>) {
  const lookup: LookupFunction = (hostname, { all }, callback) => {
    addressesOf(hostname).then(
      (addresses) => {
        const results = addresses.map((address) => ({ address, family: isIP(address) }))
        if (all === true) callback(null, results)
        else callback(null, results[0]?.address ?? '', results[0]?.family)
      },
      (error: Error) => callback(error, ''),
    )
  }
  return lookup
}
