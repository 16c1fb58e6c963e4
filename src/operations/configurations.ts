import { type PaymentMethodType, parsePaymentMethod } from '../domain/payment-method.ts'
import type { PaymentSessionRecord } from './store.ts'

/** What a merchant wants of the hosted checkout page, by the names of the wire. */
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

/** What a session's request says about its checkout. */
export type Configurations = {
  /** Undefined: all that the account has enabled. */
  readonly methods?: readonly PaymentMethodType[]
  /** Undefined: there is nowhere to send the customer back to. */
  readonly hosted?: HostedParameters
}

/** Reads the configurations that a session was created with. They were checked then. */
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
