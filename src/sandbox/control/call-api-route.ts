import type { FastifyInstance, InjectOptions } from 'fastify'

import { ApiError } from '../../api/errors.ts'
import { sendAnswer } from '../../api/http-route.ts'
import { callRoute } from '../tenants/call-route.ts'
import { type SandboxTenant, sandboxTenant } from '../tenants/tenant.ts'

const API_PATH = '/api/v1/'
/** Calls below this path go to the API. */
const PROXY_PATH = '/_sandbox/api/'

/** Makes the function with which the control API calls the API as a tenant. `url` begins after `/api/v1`. */
export function apiCaller(app: FastifyInstance) {
  return (tenant: SandboxTenant, options: InjectOptions) =>
    callRoute(app, tenant, {
      ...options,
      url: `/api/v1${options.url}`,
      headers: {
        // The addresses in answers, such as those of payment links, begin with this host.
        host: new URL(tenant.baseUrl).host,
        authorization: `Zoho-oauthtoken ${tenant.values.accessToken}`,
        ...options.headers,
      },
    })
}

/**
 * Registers the route that passes a call on to the API, with the access token of the sandbox. The call is not logged,
 * and faults do not apply to it. The route is not in the list of routes, because it has every path of the API.
 */
export function registerApiCalls(app: FastifyInstance): void {
  const callApi = apiCaller(app)
  app.route({
    method: ['GET', 'POST', 'PUT', 'DELETE'],
    url: '/api/*',
    exposeHeadRoute: false,
    schema: { hide: true },
    handler: async (request, reply) => {
      // Appended instead of resolved, so that no path can name a host.
      const below = request.url.slice(PROXY_PATH.length)
      const { pathname, search } = new URL(`http://paydesk${API_PATH}${below}`)
      if (!pathname.startsWith(API_PATH)) throw new ApiError('resource_does_not_exist')
      const { 'content-type': type, 'idempotency-key': idempotencyKey } = request.headers
      const answer = await callApi(sandboxTenant(request.tenant), {
        method: request.method as 'GET',
        url: `${pathname.slice(API_PATH.length - 1)}${search}`,
        headers: {
          ...(type !== undefined && { 'content-type': type }),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        ...(request.body !== undefined && { payload: request.body as Buffer }),
      })
      const requestId = answer.headers['x-request-id']
      if (requestId !== undefined) reply.header('x-request-id', requestId)
      return sendAnswer(reply, { status: answer.statusCode, body: answer.body })
    },
  })
}
