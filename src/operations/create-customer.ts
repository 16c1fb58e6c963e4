import type { Clock } from '../domain/clock.ts'
import type { CustomerFields, CustomerRecord } from '../domain/customer.ts'
import type { AccountId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import type { Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'

/** Stores a new customer of an account. Two customers may have the same e-mail address. */
export function createCustomer(
  tx: Pick<Transaction, 'customers'>,
  { clock, ids }: { readonly clock: Clock; readonly ids: Pick<Ids, 'customer'> },
  accountId: AccountId,
  fields: CustomerFields,
): Promise<CustomerRecord> {
  const nowMs = clock.nowMs()
  const draw = (): CustomerRecord => ({
    ...fields,
    id: ids.customer(),
    accountId,
    createdAtMs: nowMs,
    changedAtMs: nowMs,
  })
  return storeWithFreeId(draw, tx.customers.insert)
}
