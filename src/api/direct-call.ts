import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { FastifySchema } from 'fastify'
import type { Account } from '../domain/account.ts'
import type { Tenant } from '../operations/tenant.ts'
import type { ApiDeps } from './deps.ts'
import type { HttpRequest } from './http-route.ts'
import type { JsonValue } from './read-json.ts'
import type { Route } from './route.ts'

/** A route with the pattern of its plain calls. */
export type PlainRoute = {
  readonly route: Route
  readonly routeOptions: HttpRequest['routeOptions'] & { readonly schema: FastifySchema }
  /** Matches a path with its query. The groups are the parameters of the path, and the account. */
  readonly pattern: RegExp
  /** The names of the parameters, in the order of the groups. */
  readonly names: readonly string[]
}

/** A call that is answered without the framework. It has the fields of the framework's request that routes read. */
export class DirectCall implements HttpRequest {
  /** Set when the token has been checked. */
  account!: Account
  body: Buffer | undefined = undefined
  handlerWarnings: readonly string[] | undefined = undefined
  jsonBody: JsonValue | undefined = undefined
  id = ''
  /** True: the connection closes after the answer. */
  isLast = false
  readonly raw: IncomingMessage
  readonly headers: IncomingMessage['headers']
  readonly method: string
  /** The path with its query, below the base path. */
  readonly url: string
  readonly params: Readonly<Record<string, string>>
  /** Only calls with a route come here. */
  readonly is404 = false
  readonly query: { readonly account_id: string }
  readonly protocol: 'http' | 'https'
  readonly tenant: Tenant
  readonly stopTimer: () => number
  readonly routeOptions: PlainRoute['routeOptions']

  constructor(
    raw: IncomingMessage,
    { names, routeOptions }: PlainRoute,
    match: RegExpExecArray,
    { metrics, tenantOf, trustsProxy }: Pick<ApiDeps, 'metrics' | 'tenantOf' | 'trustsProxy'>,
  ) {
    this.stopTimer = metrics.startTimer()
    this.raw = raw
    this.headers = raw.headers
    this.method = raw.method ?? ''
    this.url = match[0]
    const params: Record<string, string> = {}
    for (const [index, name] of names.entries()) params[name] = match[index + 1] ?? ''
    this.params = params
    this.query = { account_id: match[names.length + 1] ?? '' }
    this.protocol = protocolOf(raw, trustsProxy)
    this.tenant = tenantOf(raw)
    this.routeOptions = routeOptions
  }
}

/** Returns the scheme of a request. With a trusted proxy it is the last one in X-Forwarded-Proto. */
function protocolOf({ headers, socket }: IncomingMessage, trustsProxy: boolean): 'http' | 'https' {
  const { 'x-forwarded-proto': forwardedSchemes } = headers
  if (trustsProxy && forwardedSchemes !== undefined) {
    return String(forwardedSchemes).split(',').at(-1)?.trim() === 'https' ? 'https' : 'http'
  }
  return socket instanceof TLSSocket ? 'https' : 'http'
}

/** Reads a call's body, whose length is known and within the limit. Throws when the client disconnects. */
export function readBytes(raw: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (raw.destroyed) return reject(new ClientGone())
    const chunks: Buffer[] = []
    let isRead = false
    raw.on('data', (chunk: Buffer) => chunks.push(chunk))
    raw.on('end', () => {
      isRead = true
      const [first] = chunks
      resolve(first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks))
    })
    raw.on('close', () => {
      if (!isRead) reject(new ClientGone())
    })
  })
}

/** The client disconnected before the end of its request, which is handled as malformed. */
class ClientGone extends Error {
  readonly statusCode = 400
}
