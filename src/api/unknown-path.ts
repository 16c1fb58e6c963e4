import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from './errors.ts'

/**
 * Makes the answer to a request without a route: 405 with `Allow` if the path has routes for other methods, otherwise
 * 404. It covers the routes that are registered after this call.
 */
export function refuseUnknownPaths(app: FastifyInstance): (request: FastifyRequest) => never {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    // A path with a star matches every path below it, so it does not prove that the requested path exists.
    if (url.includes('*')) return
    const pattern = new RegExp(`^${url.replaceAll(/:[A-Za-z_]+/g, '[^/]+')}$`)
    routes.push({ pattern, methods: [method].flat() })
  })
  const refuse = (request: FastifyRequest): never => {
    const [path = ''] = request.url.split('?')
    const methods = routes
      .filter(({ pattern }) => pattern.test(path))
      .flatMap(({ methods }) => methods)
    if (methods.length === 0) throw new ApiError('path_unknown')
    const allow = [...new Set(methods)].sort().join(', ')
    throw new ApiError(
      'method_not_allowed',
      undefined,
      `This path does not support ${request.method}. Allowed: ${allow}.`,
      { allow },
    )
  }
  app.setNotFoundHandler(refuse)
  return refuse
}
