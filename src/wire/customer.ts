import type { Account } from '../domain/account.ts'
import type { CustomerRecord } from '../domain/customer.ts'
import type { SavedPaymentMethod } from '../domain/saved-payment-method.ts'
import { customerMethodFields } from './payment-method.ts'

/**
 * Makes the customer object of answers.
 *
 * Source: Zoho Payments API reference, customers page (seen 2026-11-22).
 */
export function customerFields(customer: CustomerRecord) {
  const { createdAtMs, changedAtMs, email, id, metaDataJson, name, phone } = customer
  return {
    customer_id: id,
    name,
    email,
    phone: phone?.digits,
    dialing_code: phone?.dialingCode,
    created_time: secondsOf(createdAtMs),
    last_modified_time: secondsOf(changedAtMs),
    meta_data: metaDataJson === undefined ? undefined : (JSON.parse(metaDataJson) as unknown),
  }
}

/** Makes the answer to a retrieve request. Accounts of the US edition see the saved payment methods. */
export function retrievedCustomerFields(
  customer: CustomerRecord,
  { edition }: Pick<Account, 'edition'>,
  methods: readonly SavedPaymentMethod[],
) {
  return {
    ...customerFields(customer),
    ...(edition === 'US' && { payment_methods: methods.map(customerMethodFields) }),
  }
}

/** Makes the object of a customer in a list. The real service has other field names there. */
export function customerRow({ changedAtMs, createdAtMs, email, id, name, phone }: CustomerRecord) {
  return {
    customer_id: id,
    customer_name: name,
    customer_email: email,
    customer_phone: phone?.digits,
    customer_status: 'active',
    created_time: secondsOf(createdAtMs),
    last_modified_time: secondsOf(changedAtMs),
  }
}

/** Returns whole seconds since 1970. */
function secondsOf(atMs: number): number {
  return Math.floor(atMs / 1000)
}
