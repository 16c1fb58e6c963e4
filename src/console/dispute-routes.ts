import { ok } from '../api/answer.ts'
import { notFound } from '../api/errors.ts'
import { LIST_RULES, type ListMoment, readPeriod } from '../api/list-spans.ts'
import { compileFieldsWith } from '../api/read-fields.ts'
import type { JsonObject } from '../api/read-json.ts'
import { type RequestedPage, readPage } from '../api/read-page.ts'
import { renderList, renderOne } from '../api/render-envelope.ts'
import { type DisputeId, parseId } from '../domain/id.ts'
import type { DisputeFilter } from '../operations/store.ts'
import { disputeRow } from '../wire/dispute.ts'
import { accountRoute } from './console-route.ts'
import { DisputeAnswer, DisputeListAnswer, DisputeListQuery } from './dispute-schemas.ts'

const tag = 'Disputes'

const readListFields = compileFieldsWith<ListMoment>()(DisputeListQuery, LIST_RULES, 'The query')

/** Reads the query of a list of disputes. Throws ApiError for the first wrong parameter. */
export function parseDisputeList(
  query: JsonObject,
  moment: ListMoment,
): { readonly filter: DisputeFilter; readonly page: RequestedPage } {
  const fields = readListFields(query, moment)
  const { status } = fields
  return {
    page: readPage(fields),
    filter: { ...readPeriod(fields, moment), ...(status !== undefined && { status }) },
  }
}

const listDisputes = accountRoute({
  method: 'GET',
  url: '/disputes',
  operationId: 'listDisputes',
  tag,
  summary: 'List disputes',
  description: 'Returns the disputes of the account’s payments, newest first.',
  query: DisputeListQuery,
  answers: { 200: DisputeListAnswer },
  handle: async ({ account, openPage, query, tenant }) => {
    const moment = { edition: account.edition, nowMs: tenant.clock.nowMs() }
    const { filter, page: requestedPage } = parseDisputeList(query, moment)
    const page = openPage(requestedPage)
    const list = await tenant.store.disputes.list(account.id, filter, page)
    return ok(renderList('disputes', list.items.map(disputeRow), page, list))
  },
})

const retrieveDispute = accountRoute({
  method: 'GET',
  url: '/disputes/{dispute_id}',
  operationId: 'retrieveDispute',
  tag,
  summary: 'Retrieve a dispute',
  description: 'Returns a dispute of one of the account’s payments.',
  answers: { 200: DisputeAnswer },
  handle: async ({ account, path, tenant }) => {
    const id = parseId<DisputeId>(path.dispute_id)
    const dispute = id && (await tenant.store.disputes.find(id))
    if (dispute?.accountId !== account.id) throw notFound('dispute', 'dispute_id')
    return ok(renderOne('dispute', disputeRow(dispute)))
  },
})

/** The routes of disputes. */
export const DISPUTE_ROUTES = [listDisputes, retrieveDispute]
