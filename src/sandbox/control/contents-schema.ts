/** The parts of a sandbox's contents in a settings file, for the check of known fields and the page of settings. */
import type { TProperties } from 'typebox'
import { FaultBody } from '../faults/schemas.ts'
import {
  AccountFields,
  EndpointFields,
  ReadyCustomerFields,
  TriggerSessionBody,
} from './schemas.ts'

/** The parts of a sandbox's contents: their purpose, and the fields of each of their objects. */
export const CONTENTS: Readonly<
  Record<
    'accounts' | 'customers' | 'endpoints' | 'faults' | 'sessions',
    { readonly purpose: string; readonly fields: { readonly properties: TProperties } }
  >
> = {
  accounts: {
    purpose:
      'Accounts besides the preset ones. The preset token and the preset client may act for them.',
    fields: AccountFields,
  },
  customers: {
    purpose:
      'Customers. If the account already has a customer with the same e-mail address, that customer does not change.',
    fields: ReadyCustomerFields,
  },
  endpoints: {
    purpose: 'Webhook endpoints. An endpoint whose URL is already registered does not change.',
    fields: EndpointFields,
  },
  faults: {
    purpose:
      'Faults. Each start adds them again. The guide to [the sandbox](../guides/sandbox.md#faults) explains them.',
    fields: FaultBody,
  },
  sessions: {
    purpose:
      'Sessions, with attempts to pay them. A sandbox gets them only if its preset accounts have no sessions. `session` has the fields of the call `createPaymentSession`, which `/docs` lists.',
    fields: TriggerSessionBody,
  },
}
