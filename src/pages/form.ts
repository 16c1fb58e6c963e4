import type { FastifyRequest } from 'fastify'

/** Reads a request's form. Empty for a body that is not a form. */
export function formOf(request: FastifyRequest): URLSearchParams {
  const body = request.body as Buffer | undefined
  return new URLSearchParams(body?.toString('utf8') ?? '')
}

/**
 * Returns false if the browser says that a page of another origin sent the form. Browsers send `Sec-Fetch-Site` to
 * trustworthy origins only: https, or this machine. Programs do not send it.
 */
export function isFromOwnPage(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  return site === undefined || site === 'same-origin' || site === 'none'
}

/** Returns the parameters of a request's query. A repeated name keeps all its values. */
export function queryOf({ url }: FastifyRequest): URLSearchParams {
  const queryAt = url.indexOf('?')
  return new URLSearchParams(queryAt === -1 ? '' : url.slice(queryAt + 1))
}

/** Returns the first value of a query's parameter. */
export function queryValue(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, unknown>)[name]
  if (typeof value === 'string') return value
  return Array.isArray(value) && typeof value[0] === 'string' ? value[0] : undefined
}

/** Returns the origin under which customers reach this server: the public URL's, otherwise the request's. */
export function originOf(request: FastifyRequest, publicUrl: string | undefined): string {
  return publicUrl === undefined ? baseUrlOf(request) : new URL(publicUrl).origin
}

/**
 * Returns the origin that a request was sent to: `https://pay.example.com`. The host comes from the Host header.
 * X-Forwarded-Host is not read, because few proxies set it themselves.
 */
export function baseUrlOf(request: Pick<FastifyRequest, 'protocol' | 'raw'>): string {
  return `${schemeOf(request)}://${request.raw.headers.host ?? localAddressOf(request)}`
}

/** Returns the scheme of the request. With --trust-proxy it comes from X-Forwarded-Proto. */
export function schemeOf({ protocol }: Pick<FastifyRequest, 'protocol'>): 'http' | 'https' {
  return protocol === 'https' ? 'https' : 'http'
}

/** Returns the address of the socket, for HTTP/1.0 requests without a Host header. */
function localAddressOf({ raw }: Pick<FastifyRequest, 'raw'>): string {
  const { localAddress = '127.0.0.1', localPort } = raw.socket
  const host = localAddress.includes(':') ? `[${localAddress}]` : localAddress
  return localPort === undefined ? host : `${host}:${localPort}`
}
