import type { HostedPageParameters } from '../domain/hosted-page-parameters.ts'
import { type PaymentMethodType, parsePaymentMethod } from '../domain/payment-method.ts'
import type { PaymentSessionRecord } from './store.ts'

/** The checkout settings of a session's request. */
type Configurations = {
  /** Undefined: all methods that the account has enabled. */
  readonly methods?: readonly PaymentMethodType[]
  /** Undefined: the session has no URLs for the customer's return. */
  readonly hosted?: HostedPageParameters
}

/** Reads a session's stored configurations. They were checked when the session was created. */
export function configurationsOf({
  configurationsJson,
  typeFacts,
}: PaymentSessionRecord): Configurations {
  const typeMethods = METHODS_OF_TYPES[typeFacts?.type ?? ''] ?? {}
  if (configurationsJson === undefined) return typeMethods
  const configurations = JSON.parse(configurationsJson) as {
    allowed_payment_methods?: string[]
    hosted_page_parameters?: HostedPageParameters
    hosted_checkout_parameters?: HostedPageParameters
  }
  const methods = configurations.allowed_payment_methods
    ?.map(parsePaymentMethod)
    .filter((method) => method !== undefined)
  const hosted = configurations.hosted_page_parameters ?? configurations.hosted_checkout_parameters
  return {
    ...typeMethods,
    ...(methods !== undefined && { methods }),
    ...(hosted !== undefined && { hosted }),
  }
}

/** The methods of sessions whose type decides them. A mandate is approved by UPI; its debits have no page. */
const METHODS_OF_TYPES: Readonly<Record<string, Pick<Configurations, 'methods'>>> = {
  mandate_enrollment: { methods: ['upi'] },
  mandate_execution: { methods: [] },
}
