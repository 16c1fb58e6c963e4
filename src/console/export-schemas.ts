import { pageQuery } from '../api/page-schemas.ts'
import { dayIn, line } from '../api/schemas.ts'
import { Type } from '../api/type.ts'

/** The query of an export by period, for tables whose lists have no other filter. */
export const PeriodQuery = Type.Object({
  from_date: Type.Optional(dayIn('The first day, included.')),
  to_date: Type.Optional(dayIn('The last day, included.')),
  ...pageQuery,
})

/** The query of an export of the transactions of one payout. */
export const PayoutTransactionsExportQuery = Type.Object({
  payout_id: Type.String({ description: 'The payout that has the transactions.' }),
})

const filter = Type.Optional(line(255))
const cursor = Type.Optional(
  Type.String({ description: 'The `next_cursor` of the part before. Absent: the first part.' }),
)

/** The query of a part of an export: the filters of the list, and the place. Each table reads its own filters. */
export const ExportQuery = Type.Object({
  status: filter,
  payment_method_type: filter,
  event_type: filter,
  payout_id: filter,
  search_text: filter,
  amount: filter,
  from_date: filter,
  to_date: filter,
  cursor,
})

/** The query of a part of the exported audit log. */
export const AuditExportQuery = Type.Object({
  action: filter,
  object_id: filter,
  from: filter,
  to: filter,
  cursor,
})

/** The query of a part of the exported operators. */
export const OperatorExportQuery = Type.Object({ cursor })

/** The answer with a part of an export. */
export const ExportAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  export: Type.Object({
    csv: Type.String({
      description: 'The rows of this part. The first part begins with a header.',
    }),
    row_count: Type.Integer({ description: 'The number of rows in this part and all before it.' }),
    total: Type.Integer({ description: 'The number of matching rows at the start.' }),
    next_cursor: Type.Optional(
      Type.String({ description: 'Absent: this is the last part, and the export is complete.' }),
    ),
  }),
})
