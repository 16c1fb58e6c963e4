import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify'

/**
 * Collects the routes that are registered after this call. Returns a function that makes their OpenAPI document once.
 *
 * A separate Fastify instance makes the document at the first request for it: most processes never serve the document,
 * and its packages are a tenth of a server's modules.
 */
export function collectRoutes(
  app: FastifyInstance,
  options: FastifyDynamicSwaggerOptions,
): () => Promise<object> {
  const routes: Pick<RouteOptions, 'method' | 'url' | 'schema'>[] = []
  app.addHook('onRoute', ({ method, schema, url }) => {
    // Fastify adds a HEAD route to each GET route.
    if (method !== 'HEAD') routes.push({ method, url, ...(schema !== undefined && { schema }) })
  })
  let document: Promise<object> | undefined
  return () => {
    document ??= describeRoutes(routes, options)
    return document
  }
}

/** Makes the OpenAPI document of routes that need not be registered. */
export async function describeRoutes(
  routes: readonly Pick<RouteOptions, 'method' | 'url' | 'schema'>[],
  options: FastifyDynamicSwaggerOptions,
): Promise<object> {
  const { default: swagger } = await import('@fastify/swagger')
  const documentApp = Fastify({ logger: false })
  // These routes get no requests.
  documentApp.setValidatorCompiler(() => () => true)
  documentApp.setSerializerCompiler(() => () => '')
  await documentApp.register(swagger, options)
  for (const route of routes) documentApp.route({ ...route, handler: () => undefined })
  await documentApp.ready()
  return documentApp.swagger()
}
