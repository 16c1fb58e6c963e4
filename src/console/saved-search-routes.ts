import { ok } from '../api/answer.ts'
import { ApiError, notFound } from '../api/errors.ts'
import { Problem } from '../api/read-fields.ts'
import { renderOne } from '../api/render-envelope.ts'
import { SAVED_SEARCH_COUNT_MAX, type SavedSearch } from '../domain/saved-search.ts'
import { isPlainText } from '../domain/text.ts'
import {
  deleteSearch,
  renameSearch,
  type SaveRefusal,
  saveSearch,
} from '../operations/save-search.ts'
import { accountRoute, bodyFieldsOf } from './console-route.ts'
import { maskSearchText } from './mask-contacts.ts'
import {
  SavedSearchAnswer,
  SavedSearchBody,
  SavedSearchDeleteAnswer,
  SavedSearchListAnswer,
  SearchNameBody,
} from './saved-search-schemas.ts'

const tag = 'Saved searches'
/** The maximum number of changes a minute by one operator. */
const CHANGES_PER_MINUTE = 60

const NO_CONTACT = 'must not contain an e-mail address, a UPI ID or a phone number'

/** A phone number as a name. Shorter numbers are years and amounts, and longer ones are ids. */
const PHONE_IN_NAME = /^\+?(?:\d[\s().-]*){10,13}$/

function readName(text: string): Problem | undefined {
  if (!isPlainText(text)) return new Problem('must not be blank')
  const hasContact = text.includes('@') || PHONE_IN_NAME.test(text.trim())
  return hasContact ? new Problem(NO_CONTACT) : undefined
}

const readSearch = bodyFieldsOf(SavedSearchBody, {
  name: readName,
  query: (text) =>
    [...new URLSearchParams(text)].some(isContact) ? new Problem(NO_CONTACT) : undefined,
})

/**
 * Returns true if a filter can be the contact of a customer. Such a filter is refused, because an erasure of the
 * customer would not find it.
 */
function isContact([name, value]: readonly [name: string, value: string]): boolean {
  return value.includes('@') || (name === 'q' && maskSearchText(value) !== value)
}

const readSearchName = bodyFieldsOf(SearchNameBody, { name: readName })

const listSearches = accountRoute({
  method: 'GET',
  url: '/saved_searches',
  operationId: 'listSavedSearches',
  tag,
  summary: 'List the saved searches of the operator',
  description: 'Returns the searches of all views, for all accounts.',
  answers: { 200: SavedSearchListAnswer },
  handle: async ({ operator, tenant }) => {
    const searches = await tenant.store.operators.listSearches(operator.id)
    return ok(renderOne('saved_searches', searches.map(searchFields)))
  },
})

const createSearch = accountRoute({
  method: 'POST',
  url: '/saved_searches',
  operationId: 'createSavedSearch',
  tag,
  summary: 'Save a search',
  description:
    'Saves the filters of a list under a name. Only this operator sees the saved search.',
  ratePerMinute: CHANGES_PER_MINUTE,
  isRateOfOperator: true,
  body: SavedSearchBody,
  readBody: readSearch,
  answers: { 201: SavedSearchAnswer },
  handle: async ({ body: { name, query, view: viewName }, operator, tenant }) => {
    const search = await saveSearch(tenant, operator, { name, query, viewName })
    if ('refused' in search) throw refusalOf(search.refused)
    return { ...ok(renderOne('saved_search', searchFields(search))), status: 201 }
  },
})

const renameRoute = accountRoute({
  method: 'PUT',
  url: '/saved_searches/{saved_search_id}',
  operationId: 'renameSavedSearch',
  tag,
  summary: 'Rename a saved search',
  description: 'Changes the name of a search.',
  ratePerMinute: CHANGES_PER_MINUTE,
  isRateOfOperator: true,
  body: SearchNameBody,
  readBody: readSearchName,
  answers: { 200: SavedSearchAnswer },
  handle: async ({ body: { name }, operator, path, tenant }) => {
    const search = await renameSearch(tenant, operator, { id: path.saved_search_id, name })
    if (search === undefined) throw notFound('saved search', 'saved_search_id')
    if ('refused' in search) throw refusalOf(search.refused)
    return ok(renderOne('saved_search', searchFields(search)))
  },
})

const deleteRoute = accountRoute({
  method: 'DELETE',
  url: '/saved_searches/{saved_search_id}',
  operationId: 'deleteSavedSearch',
  tag,
  summary: 'Delete a saved search',
  description: 'Deletes a saved search. The objects that it finds stay.',
  ratePerMinute: CHANGES_PER_MINUTE,
  isRateOfOperator: true,
  answers: { 200: SavedSearchDeleteAnswer },
  handle: async ({ operator, path, tenant }) => {
    if (!(await deleteSearch(tenant, operator, path.saved_search_id))) {
      throw notFound('saved search', 'saved_search_id')
    }
    return ok(JSON.stringify({ code: 0, message: 'success' }))
  },
})

/** The routes of saved searches. They belong to the operator, not to an account. */
export const SAVED_SEARCH_ROUTES = [listSearches, createSearch, renameRoute, deleteRoute]

function searchFields({ id, name, query, viewName }: SavedSearch) {
  return { saved_search_id: id, name, view: viewName, query }
}

function refusalOf(refusal: SaveRefusal): ApiError {
  return refusal === 'name_in_use'
    ? new ApiError(
        'invalid_parameter',
        'name',
        'name must not be the name of another search of this view.',
      )
    : new ApiError(
        'invalid_parameter',
        'name',
        `An operator can save at most ${SAVED_SEARCH_COUNT_MAX} searches. Delete one first.`,
      )
}
