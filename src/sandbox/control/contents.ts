import type { Static } from 'typebox'
import type { Fault, TriggeredSession } from '../../client/control-types.ts'
import type { AccountFields, EndpointFields, ReadyCustomerFields } from './schemas.ts'

/** An account besides the preset ones. */
export type ReadyAccount = Static<typeof AccountFields>

/** The contents of a sandbox at its start. */
export type SandboxContents = {
  /** Accounts besides the preset ones. The preset token and the preset client may act for them. */
  readonly accounts?: readonly ReadyAccount[]
  /** Customers. If the account already has a customer with the same e-mail address, that customer does not change. */
  readonly customers?: readonly Static<typeof ReadyCustomerFields>[]
  /** Webhook endpoints. An endpoint whose URL is already registered does not change. */
  readonly endpoints?: readonly Static<typeof EndpointFields>[]
  /** Faults. Each start adds them again. */
  readonly faults?: readonly Fault[]
  /** Sessions with attempts to pay them. A sandbox gets them only if its preset accounts have no sessions. */
  readonly sessions?: readonly TriggeredSession[]
}
