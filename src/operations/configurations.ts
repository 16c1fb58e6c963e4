import type { HostedPageParameters } from '../domain/hosted-page-parameters.ts'
import { type PaymentMethodType, parsePaymentMethod } from '../domain/payment-method.ts'
import { TERMINAL_METHODS } from '../domain/terminal.ts'
import type { PaymentSessionRecord } from './store.ts'

type Configurations = {
  /** Undefined: all methods that the account has enabled. */
  readonly methods?: readonly PaymentMethodType[]
  /** Undefined: the session has no URLs for the customer's return. */
  readonly hostedPage?: HostedPageParameters
}

/** Reads a session's stored configurations. They were checked when the session was created. */
export function configurationsOf({
  configurationsJson,
  typeFacts,
}: PaymentSessionRecord): Configurations {
  const typeMethods = methodsOfType(typeFacts)
  if (configurationsJson === undefined) return typeMethods
  const configurations = JSON.parse(configurationsJson) as {
    allowed_payment_methods?: string[]
    hosted_page_parameters?: HostedPageParameters
    hosted_checkout_parameters?: HostedPageParameters
  }
  const methods = configurations.allowed_payment_methods
    ?.map(parsePaymentMethod)
    .filter((method) => method !== undefined)
  const hostedPage =
    configurations.hosted_page_parameters ?? configurations.hosted_checkout_parameters
  return {
    ...typeMethods,
    ...(methods !== undefined && { methods }),
    ...(hostedPage !== undefined && { hostedPage }),
  }
}

/** For debits and direct charges no customer chooses a method. */
function methodsOfType(facts: PaymentSessionRecord['typeFacts']): Pick<Configurations, 'methods'> {
  switch (facts?.type) {
    case undefined:
      return {}
    case 'mandate_enrollment':
      return { methods: ['upi'] }
    case 'pos_payment':
      return { methods: facts.method === undefined ? TERMINAL_METHODS : [facts.method] }
    case 'mandate_execution':
    case 'direct_charge':
      return { methods: [] }
  }
}
