import type { FastifyInstance, FastifyRequest } from 'fastify'
import { registerCors } from '../../api/cors.ts'
import type { ApiDeps } from '../../api/deps.ts'
import { ApiError } from '../../api/errors.ts'
import { isFromOwnPage } from '../../pages/form.ts'
import { registerRequestStream } from '../log/stream-requests.ts'
import { nearestRoute } from '../log/unknown-api-path.ts'
import { createMemoryBudget } from '../tenants/memory-budget.ts'
import type { Snapshot } from '../tenants/snapshot.ts'
import type { SandboxTenants } from '../tenants/tenants.ts'
import { apiCaller, registerApiCalls } from './call-api-route.ts'
import { registerControlList } from './control-route.ts'
import { CONTROL_PATH, describeControl } from './describe-control.ts'
import { CONTROL_ROUTES } from './routes.ts'

/**
 * Registers the control API, described at `/_sandbox/openapi.json`. It needs no token: every program that reaches a
 * sandbox may control it. Foreign pages may not control it: `guardRequests` refuses them, and these routes refuse
 * requests that browsers send without a preflight.
 */
export async function registerControlRoutes(
  app: FastifyInstance,
  tenants: SandboxTenants,
  {
    attemptLifeMs,
    ...deps
  }: Pick<ApiDeps, 'access' | 'mode'> & {
    readonly attemptLifeMs: number
  },
): Promise<void> {
  await app.register(
    async (control) => {
      let description: Promise<object> | undefined
      registerCors(control, deps)
      control.setNotFoundHandler(refuseUnknownControlPath)
      control.addHook('onRequest', async (request) => requireJsonOfOwnPages(request))
      control.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
        description ??= describeControl(app.basePath)
        return reply.send(await description)
      })
      const snapshots = new Map<string, Snapshot>()
      registerControlList(control, CONTROL_ROUTES, {
        tenants,
        snapshots,
        memory: createMemoryBudget(tenants, snapshots),
        attemptLifeMs,
        callApi: apiCaller(app),
      })
      registerRequestStream(control)
      registerApiCalls(control)
    },
    { prefix: CONTROL_PATH },
  )
}

/** 405 for another method of a path, otherwise 404 with the nearest route. */
function refuseUnknownControlPath({ method, url }: FastifyRequest): never {
  const [path = ''] = url.slice(CONTROL_PATH.length).split('?')
  const methods = CONTROL_ROUTES.filter((one) => isPathOf(path, one.url)).map((one) => one.method)
  if (methods.length > 0) {
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].sort().join(', ')
    throw new ApiError(
      'method_not_allowed',
      undefined,
      `This path does not support ${method}. Allowed: ${allow}.`,
      { allow },
    )
  }
  const routes = CONTROL_ROUTES.map((one) => ({ method: one.method, path: one.url }))
  const nearest = nearestRoute(method, path, routes)
  const suggestion =
    nearest === undefined
      ? ` The routes are in ${CONTROL_PATH}/openapi.json.`
      : ` Did you mean ${nearest.method} ${CONTROL_PATH}${nearest.path}?`
  throw new ApiError('path_unknown', undefined, `This path does not exist.${suggestion}`)
}

function isPathOf(path: string, pattern: string): boolean {
  return new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path)
}

/**
 * Refuses a Content-Type other than JSON, and a body without a Content-Type, because browsers send such requests to any
 * address without a preflight. Browsers that send no Origin still send Sec-Fetch-Site.
 */
function requireJsonOfOwnPages(request: FastifyRequest): void {
  const { headers, method } = request
  if (method === 'GET' || method === 'HEAD') return
  const { 'content-length': length = '0', 'content-type': type, origin } = headers
  if (origin === undefined && !isFromOwnPage(request)) {
    throw invalid('Sec-Fetch-Site', 'A page of another origin cannot control a sandbox.')
  }
  const hasBody = length !== '0' || headers['transfer-encoding'] !== undefined
  const isJson = type === undefined ? !hasBody : /^application\/json\s*(?:;|$)/i.test(type)
  if (isJson) return
  const cause = type === undefined ? 'is missing' : 'is another type'
  throw invalid(
    'Content-Type',
    `The Content-Type of a control request must be application/json, but it ${cause}.`,
  )
}

function invalid(field: string, message: string): ApiError {
  return new ApiError('invalid_parameter', field, message)
}
