import { formatScope, type Scope } from '../domain/scope.ts'
import {
  answerSchemasOf,
  bodySchemaOf,
  pathSchema,
  type RouteFacts,
  type WithVariants,
} from './http-route.ts'
import { IdempotencyHeaders } from './idempotency-key.ts'
import { Failure } from './schemas.ts'
import { Type } from './type.ts'

/** The facts of a route of the API. */
export type ApiRouteFacts = RouteFacts & {
  readonly scope: Scope
  /** True: the real API has no such route. */
  readonly isPaydeskOnly?: boolean
  /** Undefined: the general limit. */
  readonly ratePerMinute?: number
  /** True: a PUT that takes an Idempotency-Key, as every POST does. */
  readonly takesIdempotencyKey?: boolean
  /**
   * True: its idempotency key is stored with a keyed hash of the body, because the body could be guessed from a plain
   * hash.
   */
  readonly hasSecretBody?: boolean
}

const AccountQuery = Type.Object({
  account_id: Type.String({ pattern: '^\\d{1,16}$', description: 'The account to act for.' }),
})

/** Describes a route of the API for OpenAPI. */
export function describeRoute(route: ApiRouteFacts & WithVariants<never>) {
  const scope = formatScope(route.scope)
  const params = pathSchema(route)
  return {
    tags: [route.tag],
    summary: route.isPaydeskOnly ? `${route.summary} (Paydesk only)` : route.summary,
    description: `${route.description}\n\nOAuth scope: \`${scope}\``,
    security: [{ accessToken: [] }, { oauth: [scope] }],
    operationId: route.operationId,
    ...(route.variants !== undefined && { 'x-variants': variantsIn(route.variants) }),
    ...(params !== undefined && { params }),
    querystring: Type.Object({ ...AccountQuery.properties, ...route.query?.properties }),
    ...(hasIdempotencyKey(route) && { headers: IdempotencyHeaders }),
    ...(route.body !== undefined && { body: bodySchemaOf(route) }),
    response: { ...answerSchemasOf(route), ...failures(...failureStatuses(route)) },
  }
}

/** Describes the variants of a route, in the order of their bodies and answers. OpenAPI has no words for them. */
function variantsIn(variants: NonNullable<WithVariants<never>['variants']>) {
  return Object.values(variants).map(({ description, operationId, summary }) => ({
    operationId,
    summary,
    description,
  }))
}

function failureStatuses(route: ApiRouteFacts): number[] {
  const { body, failures = [], url } = route
  return [
    400,
    401,
    429,
    ...(url.includes('{') ? [404] : []),
    ...(hasIdempotencyKey(route) ? [409] : []),
    ...(body === undefined ? [] : [413, 415]),
    ...failures,
  ]
}

/** Returns true if requests of a route can have an Idempotency-Key. */
export function hasIdempotencyKey({
  method,
  takesIdempotencyKey,
}: Pick<ApiRouteFacts, 'method' | 'takesIdempotencyKey'>): boolean {
  return method === 'POST' || takesIdempotencyKey === true
}

/** Makes the schemas of failures, by their statuses. */
export const failures = (...statuses: readonly number[]) =>
  Object.fromEntries(statuses.map((status) => [status, { description: 'A failure.', ...Failure }]))
