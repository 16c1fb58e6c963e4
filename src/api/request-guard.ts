import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Host, parseHost } from '../domain/host.ts'
import { ApiError } from './errors.ts'
import { countHostHeaders, isLiteralPath } from './request-target.ts'

/** Answers a request with an error, in the envelope. */
export type AnswerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void

/**
 * Refuses a request before its route sees it: one with several Host headers or an invalid one, and one
 * with a path that a proxy reads differently than the router. Before the routes are registered.
 *
 * `answerError` answers itself: pages have error handlers that show a page.
 */
export function guardRequests(app: FastifyInstance, answerError: AnswerError): void {
  const readHost = rememberHost()
  app.addHook('onRequest', (request, reply, done) => {
    try {
      readHost(request)
      requireLiteralPath(request)
    } catch (error) {
      return answerError(error, request, reply)
    }
    done()
  })
}

/** Makes the reader of Host headers. Nearly all requests to a server have the same one. */
function rememberHost(): (request: FastifyRequest) => Host | undefined {
  let last: { readonly text: string; readonly host: Host } | undefined
  return ({ raw }) => {
    if (countHostHeaders(raw) > 1) {
      throw new ApiError('malformed_http', 'Host', 'The request must have one Host header.')
    }
    const { host: text } = raw.headers
    if (text === undefined) return undefined
    if (last?.text === text) return last.host
    const host = parseHost(text)
    if (host === undefined) {
      throw new ApiError(
        'malformed_http',
        'Host',
        'The Host header must be a host name or an IP address, and may have a port: paydesk.example:4242.',
      )
    }
    last = { text, host }
    return host
  }
}

function requireLiteralPath({ routeOptions, url }: FastifyRequest): void {
  const { url: route } = routeOptions
  if (route !== undefined && !isLiteralPath(url, route)) throw new ApiError('path_unknown')
}
