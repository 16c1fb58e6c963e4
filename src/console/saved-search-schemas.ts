import { line } from '../api/schemas.ts'
import { Type } from '../api/type.ts'
import {
  SAVED_SEARCH_NAME_LENGTH_MAX,
  SAVED_SEARCH_QUERY_LENGTH_MAX,
} from '../domain/saved-search.ts'

const name = line(SAVED_SEARCH_NAME_LENGTH_MAX, 1)

/** The body of a search to save. */
export const SavedSearchBody = Type.Object({
  name,
  view: Type.String({
    pattern: '^[a-z][a-z-]{0,39}$',
    description: 'The view of the list: the first part of its path in the console.',
    'x-expected': 'the name of a view, such as payments',
  }),
  query: Type.String({
    minLength: 1,
    maxLength: SAVED_SEARCH_QUERY_LENGTH_MAX,
    description: 'The filters of the list, as in the address of its page.',
    'x-expected': `filters with at most ${SAVED_SEARCH_QUERY_LENGTH_MAX} characters`,
  }),
})

/** The body of a new name. */
export const SearchNameBody = Type.Object({ name })

const SavedSearch = Type.Object({
  saved_search_id: Type.String(),
  name: Type.String(),
  view: Type.String(),
  query: Type.String(),
})

const envelope = { code: Type.Literal(0), message: Type.Literal('success') }

/** The answer with one saved search. */
export const SavedSearchAnswer = Type.Object({ ...envelope, saved_search: SavedSearch })

/** The answer with all saved searches of the operator. */
export const SavedSearchListAnswer = Type.Object({
  ...envelope,
  saved_searches: Type.Array(SavedSearch),
})

/** The answer to a deletion. */
export const SavedSearchDeleteAnswer = Type.Object(envelope)
