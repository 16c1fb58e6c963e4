import { Type } from 'typebox'
import { Failure } from './schemas.ts'

/** The query that every call has. */
export const AccountQuery = Type.Object({
  account_id: Type.String({ pattern: '^\\d{1,16}$', description: 'The account to act for.' }),
})

/** The failures that a route can answer, for its description. */
export const failures = (...statuses: readonly number[]) =>
  Object.fromEntries(statuses.map((status) => [status, { description: 'A failure.', ...Failure }]))
