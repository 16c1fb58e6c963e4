import { type PaymentMethodType, parsePaymentMethod } from '../domain/payment-method.ts'
import type { PaymentSessionRecord } from './store.ts'

/** The parameters of the hosted checkout page, by their names on the wire. */
export type HostedParameters = {
  readonly success_url: string
  readonly failure_url: string
  readonly description?: string
  readonly name?: string
  readonly email?: string
  readonly phone?: string
  readonly phone_country_code?: string
  readonly udf1?: string
  readonly udf2?: string
  readonly udf3?: string
  readonly udf4?: string
  readonly udf5?: string
}

/** The checkout settings of a session's request. */
export type Configurations = {
  /** Undefined: all methods that the account has enabled. */
  readonly methods?: readonly PaymentMethodType[]
  /** Undefined: the session has no URLs for the customer's return. */
  readonly hosted?: HostedParameters
}

/** Reads a session's stored configurations, which were checked at its creation. */
export function configurationsOf({ configurationsJson }: PaymentSessionRecord): Configurations {
  if (configurationsJson === undefined) return {}
  const stored = JSON.parse(configurationsJson) as {
    allowed_payment_methods?: string[]
    hosted_page_parameters?: HostedParameters
    hosted_checkout_parameters?: HostedParameters
  }
  const methods = stored.allowed_payment_methods
    ?.map(parsePaymentMethod)
    .filter((method) => method !== undefined)
  const hosted = stored.hosted_page_parameters ?? stored.hosted_checkout_parameters
  return { ...(methods !== undefined && { methods }), ...(hosted !== undefined && { hosted }) }
}
