import type { BillingAddress } from '../domain/billing-address.ts'
import { type CardChecks, NO_CARD_CHECKS } from '../domain/card-checks.ts'
import type { CustomerRecord } from '../domain/customer.ts'
import type { SavedFacts } from '../domain/instrument.ts'
import {
  methodSessionStatusAt,
  type PaymentMethodSession,
} from '../domain/payment-method-session.ts'
import { type SavedPaymentMethod, savedMethodStatusAt } from '../domain/saved-payment-method.ts'

/**
 * Makes the saved payment method object of answers and webhooks, in its state at a time. `customer`: its
 * customer; undefined: the name and the e-mail address are left out.
 *
 * Source: Zoho Payments API reference, payment methods page US (seen 2026-11-28).
 */
export function paymentMethodFields(
  method: SavedPaymentMethod,
  customer: CustomerRecord | undefined,
  nowMs: number,
) {
  const { addressId, billingAddress, checks, createdAtMs, customerId, id, instrument } = method
  return {
    payment_method_id: id,
    customer_id: customerId,
    customer_name: customer?.name,
    customer_email: customer?.email,
    type: instrument.type,
    status: savedMethodStatusAt(method, nowMs),
    currency: 'USD',
    source: method.source,
    created_time: secondsOf(createdAtMs),
    last_modified_time: secondsOf(method.changedAtMs),
    ...instrumentFields(instrument, checks ?? NO_CARD_CHECKS),
    billing_address: addressFields(addressId, billingAddress),
  }
}

/** Makes the object of a saved payment method in the answer about its customer. */
export function customerMethodFields({ id, instrument }: SavedPaymentMethod) {
  const { type } = instrument
  if (type === 'ach_debit') {
    return {
      payment_method_id: id,
      type,
      last_four_digits: instrument.lastFourDigits,
      ach_debit: achFields(instrument),
    }
  }
  const { brand, holderName, lastFourDigits } = instrument
  const expiry = expiryFields(instrument)
  return {
    payment_method_id: id,
    type,
    brand,
    last_four_digits: lastFourDigits,
    ...expiry,
    card: { card_holder_name: holderName, last_four_digits: lastFourDigits, ...expiry },
  }
}

/** Makes the payment method session object of answers. `accessKey`: only in the answer of a create request. */
export function methodSessionFields(session: PaymentMethodSession, accessKey?: string) {
  return {
    payment_method_session_id: session.id,
    customer_id: session.customerId,
    description: session.description,
    created_time: secondsOf(session.createdAtMs),
    expiry_time: secondsOf(session.expiresAtMs),
    access_key: accessKey,
  }
}

/** Makes the answer to a retrieve request. `method`: the saved method, if there is one. */
export function retrievedMethodSessionFields(
  session: PaymentMethodSession,
  method: SavedPaymentMethod | undefined,
  nowMs: number,
) {
  const status = method && savedMethodStatusAt(method, nowMs)
  return {
    ...methodSessionFields(session),
    status: methodSessionStatusAt(session, nowMs),
    ...(method !== undefined &&
      status !== undefined && {
        payment_method: {
          payment_method_id: method.id,
          status,
          created_time: secondsOf(method.createdAtMs),
          type: method.instrument.type,
        },
      }),
  }
}

function instrumentFields(instrument: SavedFacts, checks: CardChecks) {
  if (instrument.type === 'ach_debit') return { ach_debit: achFields(instrument) }
  return {
    card: {
      card_holder_name: instrument.holderName,
      last_four_digits: instrument.lastFourDigits,
      ...expiryFields(instrument),
      brand: instrument.brand,
      funding: instrument.funding,
      country: instrument.country,
      card_checks: {
        address_line_check: checks.addressLine,
        postal_code_check: checks.postalCode,
        cvc_check: checks.cvc,
      },
    },
  }
}

type CardFacts = Extract<SavedFacts, { readonly type: 'card' }>
type AchFacts = Extract<SavedFacts, { readonly type: 'ach_debit' }>

/** Makes the month and the year of a card's expiry, of two digits each. Source: as `paymentMethodFields`. */
function expiryFields({ expiryMonth, expiryYear }: CardFacts) {
  return {
    expiry_month: String(expiryMonth).padStart(2, '0'),
    expiry_year: String(expiryYear).slice(-2),
  }
}

function achFields(facts: AchFacts) {
  return {
    account_holder_name: facts.accountHolderName,
    last_four_digits: facts.lastFourDigits,
    account_holder_type:
      facts.accountHolderType === 'business' ? 'company' : facts.accountHolderType,
    account_type: facts.accountType,
    bank_name: facts.bankName,
    routing_number: facts.routingNumber,
  }
}

function addressFields(addressId: SavedPaymentMethod['addressId'], address: BillingAddress) {
  return {
    name: address.name,
    address_id: addressId,
    address_line1: address.addressLine1,
    address_line2: address.addressLine2,
    city: address.city,
    state: address.state,
    postal_code: address.postalCode,
    country: address.country,
  }
}

/** Returns whole seconds since 1970. */
function secondsOf(atMs: number): number {
  return Math.floor(atMs / 1000)
}
