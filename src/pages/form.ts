import type { FastifyRequest } from 'fastify'

/** Reads what a form has sent. Empty for a body that is none. */
export function formOf(request: FastifyRequest): URLSearchParams {
  const body = request.body as Buffer | undefined
  return new URLSearchParams(body?.toString('utf8') ?? '')
}

/**
 * Answers whether a form was sent by a page of ours: a browser says where it was. One that says
 * nothing is no browser, and nobody's page.
 */
export function isFromOwnPage(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  return site === undefined || site === 'same-origin' || site === 'none'
}

/** The parameters of a request's query. A name that stands twice keeps both values. */
export function queryOf({ url }: FastifyRequest): URLSearchParams {
  const queryAt = url.indexOf('?')
  return new URLSearchParams(queryAt === -1 ? '' : url.slice(queryAt + 1))
}

/** Gives the first value of a query's parameter. */
export function queryValue(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, unknown>)[name]
  if (typeof value === 'string') return value
  return Array.isArray(value) && typeof value[0] === 'string' ? value[0] : undefined
}

/** Gives the origin by which customers reach this server: that of the public URL, else that of the request. */
export function originOf(request: FastifyRequest, publicUrl: string | undefined): string {
  return publicUrl === undefined ? baseUrlOf(request) : new URL(publicUrl).origin
}

/**
 * Gives the address that a request came to, as far as the request tells: `https://pay.example.com`. The
 * host is that of the Host header: X-Forwarded-Host is not read, since few proxies set it themselves.
 */
export function baseUrlOf(request: FastifyRequest): string {
  return `${schemeOf(request)}://${request.raw.headers.host ?? localAddressOf(request)}`
}

/** The scheme of the request. With --trust-proxy it is what X-Forwarded-Proto says. */
export function schemeOf({ protocol }: FastifyRequest): 'http' | 'https' {
  return protocol === 'https' ? 'https' : 'http'
}

/** HTTP/1.0 has no Host header. */
function localAddressOf({ raw }: FastifyRequest): string {
  const { localAddress = '127.0.0.1', localPort } = raw.socket
  const host = localAddress.includes(':') ? `[${localAddress}]` : localAddress
  return localPort === undefined ? host : `${host}:${localPort}`
}
