import type { Clock } from '../domain/clock.ts'
import {
  type CustomerChange,
  type CustomerRecord,
  changedCustomer,
  deletedCustomer,
} from '../domain/customer.ts'
import type { AccountId, CustomerId } from '../domain/id.ts'
import type { Store, Transaction } from './store.ts'

type ChangeDeps = { readonly clock: Clock; readonly store: Pick<Store, 'transaction'> }

type CustomerKey = { readonly accountId: AccountId; readonly id: CustomerId }

/** Changes a customer. Undefined: the account has no such customer. */
export function changeCustomer(
  { clock, store }: ChangeDeps,
  key: CustomerKey,
  change: CustomerChange,
): Promise<CustomerRecord | undefined> {
  return store.transaction(async (tx) => {
    const customer = await lockCustomer(tx, key)
    if (customer === undefined) return undefined
    const nextCustomer = changedCustomer(customer, change, clock.nowMs())
    await tx.customers.update(nextCustomer)
    return nextCustomer
  })
}

/**
 * Deletes a customer. Its sessions and payments keep its id. Refused if the customer has an active virtual account, a
 * mandate that has not ended, or a payment method that is saved or being saved. Undefined: the account has no such
 * customer.
 */
export function deleteCustomer(
  { clock, store }: ChangeDeps,
  key: CustomerKey,
): Promise<'deleted' | 'refused' | undefined> {
  return store.transaction(async (tx) => {
    const customer = await lockCustomer(tx, key)
    if (customer === undefined) return undefined
    const nowMs = clock.nowMs()
    // A new virtual account locks its customer too, so none is created in the meantime.
    if (await tx.virtualAccounts.hasActive(key.accountId, key.id, nowMs)) return 'refused'
    // A new save locks its customer too.
    if ((await tx.paymentMethods.countByCustomer(key.id)) > 0) return 'refused'
    if (await tx.mandates.hasOpen(key.accountId, key.id, nowMs)) return 'refused'
    await tx.customers.update(deletedCustomer(customer, nowMs))
    return 'deleted'
  })
}

/**
 * Locks a customer of an account until the transaction ends. Undefined: the account has no such customer, or the
 * customer was deleted.
 */
export async function lockCustomer(
  tx: Pick<Transaction, 'customers'>,
  { accountId, id }: CustomerKey,
): Promise<CustomerRecord | undefined> {
  const customer = await tx.customers.lock(id)
  const isOurs = customer?.accountId === accountId && customer.deletedAtMs === undefined
  return isOurs ? customer : undefined
}
