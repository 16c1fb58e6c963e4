import { parsedAs } from '../api/parsed.ts'
import { line } from '../api/schemas.ts'
import { Type } from '../api/type.ts'
import { AUDIT_ACTIONS } from '../domain/audit-log.ts'

const moment = (description: string) =>
  parsedAs<number>()(
    Type.String({
      maxLength: 40,
      description,
      'x-expected': 'a time with a zone, such as 2026-11-22T09:30:00Z',
    }),
  )

/** The query of a list of entries of the audit log. */
export const AuditListQuery = Type.Object({
  action: Type.Optional(Type.Enum([...AUDIT_ACTIONS])),
  object_id: Type.Optional(line(255)),
  from: Type.Optional(moment('Only entries from this time on.')),
  to: Type.Optional(moment('Only entries before this time.')),
  before: Type.Optional(
    parsedAs<number>()(
      Type.String({
        pattern: '^[1-9]\\d{0,14}$',
        description:
          'Returns only entries with a number below this one. For the next, older page, use the number of the last entry.',
        'x-expected': 'the number of an entry',
      }),
    ),
  ),
})

const AuditEntry = Type.Object({
  number: Type.Integer(),
  time: Type.String({ description: 'ISO 8601, in UTC.' }),
  actor: Type.Object({ kind: Type.String(), name: Type.String() }),
  action: Type.Enum([...AUDIT_ACTIONS]),
  object_id: Type.String(),
  before: Type.Record(Type.String(), Type.Unknown()),
  after: Type.Record(Type.String(), Type.Unknown()),
})

/** The answer to a list request. */
export const AuditListAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  audit_log: Type.Object({
    entries: Type.Array(AuditEntry),
    has_older: Type.Boolean(),
  }),
})
