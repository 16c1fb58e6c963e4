import { line } from '../api/schemas.ts'
import { Type } from '../api/type.ts'

/** The query of a search. */
export const SearchQuery = Type.Object({ text: line(255, 1) })

const Found = Type.Object({
  kind: Type.Enum(['session', 'payment_link', 'payment', 'refund', 'customer']),
  id: Type.String(),
  title: Type.String({ description: 'An amount, or the name of a customer.' }),
  detail: Type.Optional(Type.String()),
  status: Type.Optional(Type.String()),
  time_ms: Type.Integer(),
  account_id: Type.String(),
  payment_id: Type.Optional(Type.String({ description: 'The payment of a refund.' })),
})

/** The answer with the found objects. */
export const SearchAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  found: Type.Array(Found),
})
