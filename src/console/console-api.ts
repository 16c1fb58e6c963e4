import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify'
import { describeRoute } from '../api/describe-route.ts'
import { ApiError } from '../api/errors.ts'
import {
  type HttpAnswer,
  type HttpRequest,
  type RouteFacts,
  registerHttpRoutes,
} from '../api/http-route.ts'
import { idempotentRequest } from '../api/idempotency-key.ts'
import { limitRates } from '../api/rate-limit.ts'
import { type ApiContext, apiContextOf, fastifyConfigOf, type Route } from '../api/route.ts'
import { API_ROUTES } from '../api/routes.ts'
import { parseAccountId } from '../domain/id.ts'
import {
  coversServer,
  mayActFor,
  OPERATOR_PERMISSIONS,
  type Operator,
  type OperatorRecord,
  operatorActor,
  operatorHas,
  permissionOf,
  refundMaxOf,
} from '../domain/operator.ts'
import { writeAuditEntry } from '../operations/write-audit-entry.ts'
import { baseUrlOf } from '../pages/form.ts'
import { registerChangeStream } from './change-stream.ts'
import type { ConsoleDeps } from './console-deps.ts'
import type { AccountContext, AccountRoute, ServerContext, ServerRoute } from './console-route.ts'
import { CONSOLE_ACCOUNT_ROUTES, CONSOLE_SERVER_ROUTES } from './console-routes.ts'
import { maskContacts } from './mask-contacts.ts'
import { requireConsole, requireSignedIn, requireStreamReader } from './signed-in-request.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The operator of a call of the console. Only its routes have it. */
    operator: OperatorRecord | undefined
  }
  interface FastifyContextConfig {
    /** True: a route of the console for the whole server, which needs no account. */
    coversServer?: true
    /** True: a stream, which a browser opens without the headers of the page. */
    isStream?: true
    /** True: the calls of each operator are counted apart. */
    isRateOfOperator?: true
  }
}

/** The path of the console's calls. The API's routes lie below it, with the operator's session instead of a token. */
export const CONSOLE_API_PATH = '/console/api/v1'

/** The header that asks for an answer with unmasked e-mail addresses, phone numbers and UPI IDs. */
const OPEN_CONTACTS_HEADER = 'x-open-contacts'

/**
 * Registers the API's routes for operators: the same values and handlers as those of the API. Instead of a token there is
 * the session, and the role decides instead of the scopes. The console's own routes have the same checks. No answer has
 * CORS headers.
 */
export async function registerConsoleApi(
  app: FastifyInstance,
  { api, consoleUrl, limitsRates, provider }: ConsoleDeps,
): Promise<void> {
  await app.register(
    async (routes) => {
      routes.decorateRequest('operator')
      routes.addHook('onRequest', requireConsole({ provider }))
      routes.addHook('onRequest', async (request) => {
        const { config } = request.routeOptions
        const { operator } =
          config.isStream === true
            ? await requireStreamReader(request, consoleUrl)
            : await requireSignedIn(request, consoleUrl)
        request.operator = operator
        if (config.coversServer === true) return
        request.account = await requireAccount(request, operator)
      })
      if (limitsRates) await limitRates(routes, { callerOf, limitsUnscoped: true })
      registerAccountRoutes(routes, api)
      registerServerRoutes(routes, api, consoleUrl)
      registerChangeStream(routes)
    },
    { prefix: CONSOLE_API_PATH },
  )
}

/**
 * Returns the id whose calls a rate limit counts: usually that of the account. All operators of the account then share
 * the limit, as the tokens of the account do.
 */
function callerOf({ account, operator, routeOptions }: FastifyRequest): string {
  if (routeOptions.config.isRateOfOperator === true) return operator?.id ?? ''
  return (account as { readonly id: string } | undefined)?.id ?? operator?.id ?? ''
}

/** Registers the API's routes, and the console's own routes of one account. */
function registerAccountRoutes(routes: FastifyInstance, api: ConsoleDeps['api']): void {
  const apiContext = apiContextOf(api)
  const contextOf = (
    request: HttpRequest,
    route: Parameters<typeof apiContext>[1] & RouteFacts,
    bodyText: string,
  ): OperatorContext => {
    const operator = operatorOf(request)
    // The permission comes before the fields, so that an operator without it does not see the problems of the fields.
    requirePermission(operator, route)
    const context = apiContext(request, route, bodyText)
    return {
      ...context,
      operator,
      actor: () => operatorActor(operator),
      refundMaxMinor: refundMaxOf(operator, context.account.id),
      opensContacts: request.headers[OPEN_CONTACTS_HEADER] === 'true',
    }
  }
  registerHttpRoutes<ApiContext, Route>(routes, API_ROUTES.map(guardForOperators), {
    contextOf,
    describe: (route) => ({ ...describeRoute(route), hide: true }),
    fastifyConfigOf,
  })
  registerHttpRoutes<AccountContext, AccountRoute>(
    routes,
    CONSOLE_ACCOUNT_ROUTES.map((route) => ({ ...route, handle: maskedHandlerOf(route) })),
    { contextOf, describe: hiddenSchema, fastifyConfigOf: rateOf },
  )
}

/** The answers have no contacts of customers. */
function registerServerRoutes(
  routes: FastifyInstance,
  api: ConsoleDeps['api'],
  consoleUrl: string | undefined,
): void {
  registerHttpRoutes<ServerContext, ServerRoute>(routes, CONSOLE_SERVER_ROUTES, {
    contextOf: (request, route, bodyText) => {
      const operator = operatorOf(request)
      requirePermission(operator, route)
      return {
        deps: api,
        tenant: request.tenant,
        operator,
        actor: () => operatorActor(operator),
        requestId: request.id,
        // A key belongs to its operator, because an answer can have secrets that only this operator may read again.
        idempotent:
          route.method === 'GET' ? undefined : idempotentRequest(request, operator.id, bodyText),
        consoleUrl: () => consoleUrl ?? baseUrlOf(request),
      }
    },
    describe: hiddenSchema,
    fastifyConfigOf: (route) => ({ ...rateOf(route), coversServer: true }),
  })
}

function operatorOf(request: HttpRequest): OperatorRecord {
  // A handler gets the framework's whole request, but its type has only the fields that all routes read.
  const { operator } = request as FastifyRequest
  if (operator === undefined) throw new Error('a call of the console has no operator')
  return operator
}

const hiddenSchema = () => ({ hide: true })

function rateOf({
  isRateOfOperator,
  ratePerMinute,
}: Pick<AccountRoute, 'isRateOfOperator' | 'ratePerMinute'>): FastifyContextConfig {
  return {
    ...(ratePerMinute !== undefined && { ratePerMinute }),
    ...(isRateOfOperator && { isRateOfOperator }),
  }
}

type OperatorContext = AccountContext & { readonly opensContacts: boolean }

/** Adds the check of the role, and the mask of contacts, to a route and its variants. */
function guardForOperators(route: Route): Route {
  const { variants } = route
  return {
    ...route,
    ...(variants !== undefined && {
      variants: Object.fromEntries(
        Object.entries(variants).map(([type, one]) => [type, guardForOperators(one as Route)]),
      ),
    }),
    handle: maskedHandlerOf(route),
  }
}

function maskedHandlerOf<Call extends ApiContext>(
  route: RouteFacts & { handle(call: Call): Promise<HttpAnswer> },
): (call: Call) => Promise<HttpAnswer> {
  return async (call) => {
    // Every call of the console has this context.
    const { opensContacts, operator } = call as Call & OperatorContext
    // A variant of a route has a permission, too.
    requirePermission(operator, route)
    if (opensContacts) requireOpenContacts(operator)
    const answer = await route.handle(call)
    if (!opensContacts) return { ...answer, body: maskContacts(answer.body) }
    await recordOpenContacts(call)
    return answer
  }
}

function requirePermission(operator: Operator, route: RouteFacts): void {
  const permission = permissionOf(route)
  if (permission === undefined) {
    throw new ApiError(
      'not_permitted',
      undefined,
      'Only the merchant’s application can do this, not the console.',
    )
  }
  if (operatorHas(operator, permission)) return
  const { from } = OPERATOR_PERMISSIONS[permission]
  const accounts = coversServer(permission) ? ' and access to all accounts' : ''
  throw new ApiError(
    'not_permitted',
    undefined,
    `Your role is ${operator.role}. This call needs at least the role ${from}${accounts}.`,
  )
}

function requireOpenContacts(operator: Operator): void {
  if (operatorHas(operator, 'open_contacts')) return
  throw new ApiError('not_permitted', undefined, 'Your role may not show contacts.')
}

/** Records that an operator opens contacts, before the answer shows them. */
async function recordOpenContacts(call: ApiContext): Promise<void> {
  const { account, actor, tenant } = call
  const { path } = call as ApiContext & { readonly path: Readonly<Record<string, string>> }
  await tenant.store.transaction((tx) =>
    writeAuditEntry(
      tx,
      { clock: tenant.clock, actor: actor() },
      {
        action: 'operator.open_contacts',
        objectId: Object.values(path).at(-1) ?? account.id,
        after: { account_id: account.id },
      },
    ),
  )
}

/** Finds the account that a call is for. Throws ApiError for one that the operator may not see, as for an unknown one. */
async function requireAccount(request: FastifyRequest, operator: Operator) {
  const { account_id: text } = request.query as { readonly account_id?: unknown }
  const id = typeof text === 'string' ? parseAccountId(text) : undefined
  const account =
    id !== undefined && mayActFor(operator, id)
      ? await request.tenant.store.accounts.find(id)
      : undefined
  if (account === undefined) {
    throw new ApiError(
      'invalid_parameter',
      'account_id',
      'account_id must be one of the accounts that you can see.',
    )
  }
  return account
}
