import { promises as dns } from 'node:dns'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { isIP, type LookupFunction, Socket } from 'node:net'
import {
  isLoopbackName,
  LOOPBACK_ADDRESSES,
  refusalOf,
  type WebhookProtocol,
  type WebhookTargets,
  withSetting,
} from './address-guard.ts'

/** Gives all addresses of a name. It rejects where the name has none. */
export type Lookup = (hostname: string) => Promise<readonly { readonly address: string }[]>

/** Asks the machine's resolver, and with it `/etc/hosts`. */
export const systemLookup: Lookup = (hostname) => dns.lookup(hostname, { all: true })

/** Why the guard let no connection come about. */
export class GuardError extends Error {
  readonly reason: 'refused_address' | 'dns'

  constructor(reason: GuardError['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/**
 * How many connections one host may have at once; further calls to it wait. More than are delivered at
 * the same time in all: many merchants can share a host, and who delivers says how much each may.
 */
const SOCKETS_PER_HOST_MAX = 512
/**
 * How many of them stay open while nothing is sent: as many as one account's deliveries, for those that
 * are due together end together, and the next ones follow at once.
 */
const IDLE_SOCKETS_PER_HOST_MAX = 64
/** How long they stay open, in milliseconds; less where the server says so. */
const IDLE_MS_MAX = 10_000
/** How many addresses of a name are tried. All are checked. */
const TRIED_ADDRESSES_MAX = 8
/** How long one address may take before the next is tried, in milliseconds; Node's 250 is less than oceans need. */
const ADDRESS_TRY_MS = 2_000

/**
 * An agent that opens no connection to where webhooks may not go.
 *
 * The addresses are checked in the lookup of the very connection that is made, so a name cannot change
 * its mind between check and call; what the socket is then connected to is checked once more. A
 * connection that is used again was checked when it was opened.
 */
export function createGuardedAgent(
  protocol: WebhookProtocol,
  options: {
    readonly targets: WebhookTargets
    readonly lookup: Lookup
    /** Otherwise each call has a connection of its own. */
    readonly keepsAlive: boolean
    /** Otherwise 512. */
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
      ? // In words, so that NODE_TLS_REJECT_UNAUTHORIZED does not switch it off.
        new HttpsAgent({ ...agentOptions, rejectUnauthorized: true })
      : new HttpAgent(agentOptions)

  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (connectOptions, callback) => {
    const socket = connect(connectOptions, callback)
    if (!(socket instanceof Socket)) throw new Error('an agent gives a socket')
    // Before all others: what is to be sent waits for the same event.
    socket.prependOnceListener('connect', () => {
      const refusal = refusalOf(socket.remoteAddress ?? '', targets, protocol)
      if (refusal !== undefined) socket.destroy(refusedAddress(refusal))
    })
    return socket
  }
  return agent
}

/** Gives the addresses of a name, all of which may be called; otherwise it throws a `GuardError`. */
async function allowedAddresses(
  hostname: string,
  protocol: WebhookProtocol,
  targets: WebhookTargets,
  lookup: Lookup,
): Promise<readonly string[]> {
  const addresses = isLoopbackName(hostname)
    ? LOOPBACK_ADDRESSES
    : (await lookup(hostname).catch(unresolved)).map(({ address }) => address)
  if (addresses.length === 0) unresolved()
  for (const address of addresses) {
    const refusal = refusalOf(address, targets, protocol)
    // One is enough: a name that mixes them is made to be tried until the wrong one is hit.
    if (refusal !== undefined) throw refusedAddress(refusal)
  }
  return addresses.slice(0, TRIED_ADDRESSES_MAX)
}

function unresolved(): never {
  throw new GuardError('dns', 'The name of the host could not be resolved.')
}

function refusedAddress(refusal: string): GuardError {
  return new GuardError('refused_address', `The host must not lead to ${withSetting(refusal)}.`)
}

/** Puts it in the form in which sockets ask. */
function guardedLookup(addressesOf: (hostname: string) => Promise<readonly string[]>) {
  const lookup: LookupFunction = (hostname, { all }, callback) => {
    addressesOf(hostname).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) }))
        if (all === true) callback(null, found)
        else callback(null, found[0]?.address ?? '', found[0]?.family)
      },
      (error: Error) => callback(error, ''),
    )
  }
  return lookup
}
