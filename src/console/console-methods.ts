// Printed by npm run print. Do not edit.
import type { AuditListAnswer, AuditListQuery } from '../console/audit-schemas.ts'
import type {
  DisputeAnswer,
  DisputeListAnswer,
  DisputeListQuery,
} from '../console/dispute-schemas.ts'

/**
 * Every operation of the live console that is not one of the API. `path` lies below `/console/api/v1`.
 *
 * `answer` is the key of the object in the answer. A list of several pages has `rows`, the key of its rows, and
 * `rowId`, the key that identifies a row.
 */
export const CONSOLE_METHODS = {
  listAuditEntries: {
    method: 'GET',
    path: '/audit_log',
    answer: 'audit_log',
  },
  listDisputes: {
    method: 'GET',
    path: '/disputes',
    rows: 'disputes',
    rowId: 'dispute_id',
  },
  retrieveDispute: {
    method: 'GET',
    path: '/disputes/{dispute_id}',
    answer: 'dispute',
  },
} as const

/** The schemas of the operations. Undefined: there is no body, or no query. */
export type ConsoleMethodSchemas = {
  readonly listAuditEntries: {
    readonly body: undefined
    readonly query: typeof AuditListQuery
    readonly answer: typeof AuditListAnswer
  }
  readonly listDisputes: {
    readonly body: undefined
    readonly query: typeof DisputeListQuery
    readonly answer: typeof DisputeListAnswer
  }
  readonly retrieveDispute: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof DisputeAnswer
  }
}
