import type { Operator } from '../domain/operator.ts'
import { SAVED_SEARCH_COUNT_MAX, type SavedSearch } from '../domain/saved-search.ts'
import type { Tenant } from './tenant.ts'

type Deps = Pick<Tenant, 'clock' | 'random' | 'store'>

/** The reason why a search is not saved. */
export type SaveRefusal = 'name_in_use' | 'too_many_searches'

/** Saves a search of an operator. The lock of the operator keeps two requests within the limit. */
export function saveSearch(
  { clock, random, store }: Deps,
  { id: operatorId }: Pick<Operator, 'id'>,
  values: Pick<SavedSearch, 'name' | 'query' | 'viewName'>,
): Promise<SavedSearch | { readonly refused: SaveRefusal }> {
  return store.transaction(async (tx) => {
    await tx.operators.lock(operatorId)
    const searches = await tx.operators.listSearches(operatorId)
    if (searches.length >= SAVED_SEARCH_COUNT_MAX) return { refused: 'too_many_searches' }
    const search = {
      ...values,
      id: `ss_${Buffer.from(random.bytes(8)).toString('hex')}`,
      operatorId,
      createdAtMs: clock.nowMs(),
    }
    return (await tx.operators.insertSearch(search)) ? search : { refused: 'name_in_use' }
  })
}

/** Renames a search of an operator. Undefined: the operator has no such search. */
export function renameSearch(
  { store }: Pick<Deps, 'store'>,
  { id: operatorId }: Pick<Operator, 'id'>,
  { id, name }: Pick<SavedSearch, 'id' | 'name'>,
): Promise<SavedSearch | { readonly refused: SaveRefusal } | undefined> {
  return store.transaction(async (tx) => {
    await tx.operators.lock(operatorId)
    const searches = await tx.operators.listSearches(operatorId)
    const search = searches.find((one) => one.id === id)
    if (search === undefined) return undefined
    const isInUse = searches.some(
      (one) => one.id !== id && one.viewName === search.viewName && one.name === name,
    )
    if (isInUse) return { refused: 'name_in_use' }
    const renamedSearch = { ...search, name }
    await tx.operators.renameSearch(renamedSearch)
    return renamedSearch
  })
}

/** Deletes a search of an operator. False: the operator has no such search. */
export function deleteSearch(
  { store }: Pick<Deps, 'store'>,
  { id: operatorId }: Pick<Operator, 'id'>,
  id: string,
): Promise<boolean> {
  return store.transaction(async (tx) => {
    await tx.operators.lock(operatorId)
    const searches = await tx.operators.listSearches(operatorId)
    if (!searches.some((one) => one.id === id)) return false
    await tx.operators.deleteSearch({ id, operatorId })
    return true
  })
}
