import type { Account } from '../../domain/account.ts'
import type { CustomerId } from '../../domain/id.ts'
import type { Tenant } from '../../operations/tenant.ts'

/** Returns the id if it belongs to a customer of the account who was not deleted. */
export async function ownCustomer(
  { store }: Pick<Tenant, 'store'>,
  account: Pick<Account, 'id'>,
  id: CustomerId,
): Promise<CustomerId | undefined> {
  const customer = await store.customers.find(id)
  const isOurs = customer?.accountId === account.id && customer.deletedAtMs === undefined
  return isOurs ? id : undefined
}
