import type { FastifyInstance, FastifyRequest } from 'fastify'
import { describeRoute } from '../api/describe-route.ts'
import { ApiError } from '../api/errors.ts'
import { registerHttpRoutes } from '../api/http-route.ts'
import { limitRates } from '../api/rate-limit.ts'
import { type ApiContext, apiContextOf, fastifyConfigOf, type Route } from '../api/route.ts'
import { API_ROUTES } from '../api/routes.ts'
import { parseAccountId } from '../domain/id.ts'
import {
  mayActFor,
  OPERATOR_PERMISSIONS,
  type Operator,
  operatorActor,
  permissionOf,
  refundLimitOf,
  roleHas,
} from '../domain/operator.ts'
import { writeAuditEntry } from '../operations/write-audit-entry.ts'
import type { ConsoleDeps } from './console-deps.ts'
import { maskContacts } from './mask-contacts.ts'
import { requireConsole, requireSignedIn } from './signed-in-request.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The operator of a call of the console. Only its routes have it. */
    operator: Operator | undefined
  }
}

/** The path of the console's calls. The API's routes lie below it, with the operator's session instead of a token. */
export const CONSOLE_API_PATH = '/console/api/v1'

/** The header that asks for an answer with unmasked e-mail addresses and phone numbers. */
const OPEN_CONTACTS_HEADER = 'x-open-contacts'

/**
 * Registers the API's routes for operators: the same values and handlers as those of the API. Instead of a token there is
 * the session, and the role decides instead of the scopes. No answer has CORS headers.
 */
export async function registerConsoleApi(
  app: FastifyInstance,
  { api, limitsRates, publicUrl }: ConsoleDeps,
): Promise<void> {
  await app.register(
    async (routes) => {
      routes.decorateRequest('operator')
      routes.addHook('onRequest', requireConsole)
      routes.addHook('onRequest', async (request) => {
        const { operator } = await requireSignedIn(request, publicUrl)
        request.operator = operator
        request.account = await requireAccount(request, operator)
      })
      if (limitsRates) await limitRates(routes)
      const contextOf = apiContextOf(api)
      registerHttpRoutes<ApiContext, Route>(routes, API_ROUTES.map(forOperators), {
        contextOf: (request, route, bodyText) => {
          const { operator } = request as FastifyRequest
          return {
            ...contextOf(request, route, bodyText),
            ...(operator !== undefined && {
              operator,
              actor: () => operatorActor(operator),
              refundMaxMinor: refundLimitOf(operator),
            }),
            opensContacts: request.headers[OPEN_CONTACTS_HEADER] === 'true',
          }
        },
        describe: (route) => ({ ...describeRoute(route), hide: true }),
        fastifyConfigOf,
      })
    },
    { prefix: CONSOLE_API_PATH },
  )
}

/** The context of a call of the console, which the API's handlers get. */
type OperatorContext = ApiContext & {
  readonly operator?: Operator
  readonly opensContacts?: boolean
}

/** Adds the check of the role, and the mask of contacts, to a route and its variants. */
function forOperators(route: Route): Route {
  const { variants } = route
  return {
    ...route,
    ...(variants !== undefined && {
      variants: Object.fromEntries(
        Object.entries(variants).map(([type, one]) => [type, forOperators(one as Route)]),
      ),
    }),
    handle: async (call) => {
      const { operator, opensContacts = false } = call as OperatorContext
      requirePermission(operator, route)
      if (opensContacts) requireOpenContacts(operator)
      const answer = await route.handle(call)
      if (!opensContacts) return { ...answer, body: maskContacts(answer.body) }
      await recordOpenContacts(call)
      return answer
    },
  }
}

function requirePermission(operator: Operator | undefined, route: Route): void {
  const permission = permissionOf(route)
  if (operator === undefined || permission === undefined) {
    throw new ApiError(
      'not_permitted',
      undefined,
      'This is done by the merchant’s application, not in the console.',
    )
  }
  if (!roleHas(operator.role, permission)) {
    throw new ApiError(
      'not_permitted',
      undefined,
      `Your role is ${operator.role}. This needs the role ${OPERATOR_PERMISSIONS[permission].from}.`,
    )
  }
}

function requireOpenContacts(operator: Operator | undefined): void {
  if (operator !== undefined && roleHas(operator.role, 'open_contacts')) return
  throw new ApiError('not_permitted', undefined, 'Your role may not open contacts.')
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
