import { ok } from '../api/answer.ts'
import { Problem } from '../api/read-fields.ts'
import type { JsonObject } from '../api/read-json.ts'
import { renderOne } from '../api/render-envelope.ts'
import type { AuditFilter } from '../domain/audit-log.ts'
import { auditEntryFields } from '../wire/audit-entry.ts'
import { AuditListAnswer, AuditListQuery } from './audit-schemas.ts'
import { queryFieldsOf, serverRoute } from './console-route.ts'

const ENTRIES_PER_PAGE = 50

const WITH_ZONE = /(?:Z|[+-]\d\d:?\d\d)$/

function readMoment(text: string): number | Problem {
  const timeMs = WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(timeMs)
    ? new Problem('must be a time with a zone, such as 2026-11-22T09:30:00Z')
    : timeMs
}

const readListQuery = queryFieldsOf(
  AuditListQuery,
  { from: readMoment, to: readMoment, before: Number },
  'The query',
)

/** Reads the filter of a list of entries. Throws ApiError for the first wrong parameter. */
export function parseAuditFilter(query: JsonObject): AuditFilter {
  const { action, before, from, object_id: objectId, to } = readListQuery(query)
  return {
    ...(action !== undefined && { action }),
    ...(objectId !== undefined && { objectId }),
    ...(from !== undefined && { fromMs: from }),
    ...(to !== undefined && { toMs: to }),
    ...(before !== undefined && { beforeNumber: before }),
  }
}

const listAuditEntries = serverRoute({
  method: 'GET',
  url: '/audit_log',
  operationId: 'listAuditEntries',
  tag: 'Audit log',
  summary: 'List entries of the audit log',
  description: 'Returns the entries, newest first: each has the actor, the action and the object.',
  query: AuditListQuery,
  readQuery: parseAuditFilter,
  answers: { 200: AuditListAnswer },
  handle: async ({ query, tenant }) => {
    const rows = await tenant.store.auditLog.list(query, ENTRIES_PER_PAGE + 1)
    const entries = rows.slice(0, ENTRIES_PER_PAGE).map(auditEntryFields)
    return ok(renderOne('audit_log', { entries, has_older: rows.length > ENTRIES_PER_PAGE }))
  },
})

/** The routes of the audit log. */
export const AUDIT_ROUTES = [listAuditEntries]
