import { ERASED_TEXT } from './erasure.ts'
import type { AccountId, CustomerId } from './id.ts'
import type { PhoneNumber } from './phone.ts'

/** A customer whom a merchant has stored. */
export type CustomerRecord = {
  readonly id: CustomerId
  readonly accountId: AccountId
  readonly name: string
  /** Undefined exactly if the customer was deleted. */
  readonly email?: string
  readonly phone?: PhoneNumber
  /** The JSON of `meta_data` for answers. */
  readonly metaDataJson?: string
  readonly createdAtMs: number
  readonly changedAtMs: number
  /** Undefined: the customer was not deleted. */
  readonly deletedAtMs?: number
}

/** The fields of a new customer, checked. */
export type CustomerFields = {
  readonly name: string
  readonly email: string
  readonly phone?: PhoneNumber
  readonly metaDataJson?: string
}

/** A change of a customer, checked. Absent fields do not change. */
export type CustomerChange = Partial<CustomerFields> & {
  /** The dialing code for the stored phone number. Without effect if the customer has no phone number. */
  readonly dialingCode?: string
}

/**
 * Returns a customer with the changed fields. The dialing code of a new phone number replaces the stored one; a new
 * number without a dialing code removes it.
 */
export function changedCustomer(
  customer: CustomerRecord,
  { dialingCode, ...fields }: CustomerChange,
  nowMs: number,
): CustomerRecord {
  const { phone } = customer
  return {
    ...customer,
    ...(phone !== undefined && dialingCode !== undefined && { phone: { ...phone, dialingCode } }),
    ...fields,
    changedAtMs: nowMs,
  }
}

/**
 * Returns the customer without e-mail address, phone number and `meta_data`. The name stays for payments that were
 * made before.
 */
export function deletedCustomer(
  { accountId, createdAtMs, id, name }: CustomerRecord,
  nowMs: number,
): CustomerRecord {
  return { id, accountId, name, createdAtMs, changedAtMs: nowMs, deletedAtMs: nowMs }
}

/** Returns the customer as deleted, and without the name too. */
export function erasedCustomer(customer: CustomerRecord, nowMs: number): CustomerRecord {
  const { changedAtMs, deletedAtMs = nowMs, name } = customer
  const isErased = name === ERASED_TEXT && customer.deletedAtMs !== undefined
  return {
    ...deletedCustomer(customer, nowMs),
    name: ERASED_TEXT,
    deletedAtMs,
    ...(isErased && { changedAtMs }),
  }
}
