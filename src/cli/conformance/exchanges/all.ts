import type { Exchange } from '../exchange.ts'
import { ACCESS_EXCHANGES } from './access.ts'
import { CUSTOMER_EXCHANGES } from './customers.ts'
import { IN_PERSON_EXCHANGES } from './in-person.ts'
import { MANDATE_EXCHANGES } from './mandates.ts'
import { LINK_EXCHANGES } from './payment-links.ts'
import { PAYMENT_EXCHANGES } from './payments.ts'
import { PAYOUT_EXCHANGES } from './payouts.ts'
import { REFUND_EXCHANGES } from './refunds.ts'
import { SAVED_METHOD_EXCHANGES } from './saved-methods.ts'
import { SESSION_EXCHANGES } from './sessions.ts'
import { SPLIT_EXCHANGES } from './split-settlement.ts'
import { VIRTUAL_ACCOUNT_EXCHANGES } from './virtual-accounts.ts'
import { WEBHOOK_EXCHANGES } from './webhooks.ts'

/** Every exchange, in the order in which a run plays them. */
export const ALL_EXCHANGES: readonly Exchange[] = [
  ...ACCESS_EXCHANGES,
  ...SESSION_EXCHANGES,
  ...PAYMENT_EXCHANGES,
  ...REFUND_EXCHANGES,
  ...CUSTOMER_EXCHANGES,
  ...LINK_EXCHANGES,
  ...VIRTUAL_ACCOUNT_EXCHANGES,
  ...PAYOUT_EXCHANGES,
  ...SPLIT_EXCHANGES,
  ...MANDATE_EXCHANGES,
  ...IN_PERSON_EXCHANGES,
  ...SAVED_METHOD_EXCHANGES,
  ...WEBHOOK_EXCHANGES,
]
