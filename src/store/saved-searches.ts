import type { SavedSearch } from '../domain/saved-search.ts'
import type { Store, Transaction } from '../operations/store.ts'
import { columns, text, whole } from './columns.ts'
import type { Row, Sql } from './engine/engine.ts'

const SAVED_SEARCH = columns<SavedSearch>()({
  id: text(({ id }) => id),
  operator_id: text(({ operatorId }) => operatorId),
  name: text(({ name }) => name),
  view_name: text(({ viewName }) => viewName),
  query: text(({ query }) => query),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
})

function savedSearchFrom(row: Row): SavedSearch {
  const values = SAVED_SEARCH.read(row)
  return {
    id: values.id,
    operatorId: values.operator_id,
    name: values.name,
    viewName: values.view_name,
    query: values.query,
    createdAtMs: values.created_at_ms,
  }
}

/** Makes the functions that read saved searches. */
export const savedSearchesOf = (sql: Sql): Pick<Store['operators'], 'listSearches'> => ({
  listSearches: async (operatorId) => {
    const rows = await sql.all(
      `select ${SAVED_SEARCH.list()} from saved_searches
       where operator_id = $1 order by view_name, name`,
      [operatorId],
    )
    return rows.map(savedSearchFrom)
  },
})

/** Makes the functions that write saved searches. */
export const savedSearchesIn = (
  sql: Sql,
): Pick<Transaction['operators'], 'deleteSearch' | 'insertSearch' | 'renameSearch'> => ({
  insertSearch: async (search) => {
    const rows = await sql.all(
      `insert into saved_searches ${SAVED_SEARCH.insert()}
       on conflict (operator_id, view_name, name) do nothing returning id`,
      SAVED_SEARCH.values(search),
    )
    return rows.length === 1
  },
  renameSearch: async ({ id, name, operatorId }) => {
    await sql.run('update saved_searches set name = $3 where id = $1 and operator_id = $2', [
      id,
      operatorId,
      name,
    ])
  },
  deleteSearch: async ({ id, operatorId }) => {
    await sql.run('delete from saved_searches where id = $1 and operator_id = $2', [id, operatorId])
  },
})
