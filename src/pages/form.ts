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

/** Gives the first value of a query's parameter. */
export function queryValue(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, unknown>)[name]
  if (typeof value === 'string') return value
  return Array.isArray(value) && typeof value[0] === 'string' ? value[0] : undefined
}

/** Gives the address that a request came to, as far as the request tells: `https://pay.example.com`. */
export function baseUrlOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`
}
