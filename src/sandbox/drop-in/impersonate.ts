import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Random } from '../../domain/random.ts'
import { makeServerBy, type ServerHandlers } from '../../server/http-server.ts'
import type { Impersonation } from './announce-impersonation.ts'
import { authorityFolder, openAuthority } from './certificate-authority.ts'
import { makeServerIdentity } from './certificates.ts'
import { ImpersonationRefused } from './impersonation-refused.ts'

/** A server for the real host names. */
export type Impersonator = {
  readonly facts: Impersonation
  /** Stops accepting connections, and answers the running requests. */
  readonly close: () => Promise<void>
  /** Closes the connections of running requests. */
  readonly cut: () => void
}

/**
 * Listens with TLS and a certificate for the real host names. `nowMs` is the machine's time, because clients check
 * certificates by it. Throws ImpersonationRefused.
 */
export async function impersonate(
  handlers: ServerHandlers,
  {
    caFolder,
    host,
    port,
  }: { readonly host: string; readonly port: number; readonly caFolder: string },
  random: Random,
  nowMs: number,
): Promise<Impersonator> {
  const authority = openAuthority(authorityFolder(caFolder), random, nowMs)
  const { certificate, key } = makeServerIdentity(authority, random, nowMs)
  const server = makeServerBy(
    (options, answer) =>
      createServer(
        {
          ...options,
          key: key.export({ type: 'pkcs8', format: 'pem' }),
          cert: `${certificate}${authority.certificate}`,
        },
        answer,
      ),
    handlers,
  )
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new ImpersonationRefused(sentenceFrom(error, host, port))
  }
  return {
    facts: {
      // A server on all addresses is reachable on loopback too.
      address: ['0.0.0.0', '::', 'localhost'].includes(host) ? '127.0.0.1' : host,
      port: (server.address() as AddressInfo).port,
      authority,
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
    cut: () => server.closeAllConnections(),
  }
}

function sentenceFrom(error: unknown, host: string, port: number): string {
  const { code, message } = error as { code?: string; message: string }
  switch (code) {
    case 'EACCES':
      return [
        `Port ${port} may not be used by this user. Choose another port with --impersonate-port 8443, and redirect port ${port} to it; on Linux:`,
        `  sudo iptables -t nat -A OUTPUT -o lo -p tcp --dport ${port} -j REDIRECT --to-ports 8443`,
        `Or allow this program to use port ${port}:`,
        `  sudo setcap cap_net_bind_service=+ep '${process.execPath}'`,
      ].join('\n')
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use. End the program that uses it, or choose another port with --impersonate-port.`
    default:
      return `The server for the real host names cannot listen on ${host}:${port}: ${message}.`
  }
}
