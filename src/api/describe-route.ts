import { Type } from 'typebox'
import { formatScope, type Scope } from '../domain/scope.ts'
import { Failure } from './schemas.ts'

/** The query that every call has. */
export const AccountQuery = Type.Object({
  account_id: Type.String({ pattern: '^\\d{1,16}$', description: 'The account to act for.' }),
})

/** The parts of a route's description that all routes share. `tag`: the resource, in plural. */
export function described(tag: string, scope: Scope, summary: string, description: string) {
  return {
    tags: [tag],
    summary,
    description: `${description}\n\nOAuth scope: \`${formatScope(scope)}\``,
    security: [{ accessToken: [] }, { oauth: [formatScope(scope)] }],
  }
}

/** The failures that a route can answer, for its description. */
export const failures = (...statuses: readonly number[]) =>
  Object.fromEntries(statuses.map((status) => [status, { description: 'A failure.', ...Failure }]))
