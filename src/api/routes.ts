import { CONNECTED_MONEY_ROUTES } from './connected-accounts/money-routes.ts'
import { CONNECTED_ACCOUNT_ROUTES } from './connected-accounts/routes.ts'
import { CUSTOMER_ROUTES } from './customers/routes.ts'
import { EVENT_ROUTES } from './events/routes.ts'
import { MANDATE_ROUTES } from './mandates/routes.ts'
import { PAYMENT_LINK_ROUTES } from './payment-links/routes.ts'
import { PAYMENT_METHOD_ROUTES } from './payment-methods/routes.ts'
import {
  createPaymentSessionRoute,
  PAYMENT_SESSION_ROUTES,
  retrievePaymentSession,
} from './payment-sessions/routes.ts'
import { PAYMENT_ROUTES } from './payments/routes.ts'
import { PAYOUT_ROUTES } from './payouts/routes.ts'
import { REFUND_ROUTES } from './refunds/routes.ts'
import type { Route } from './route.ts'
import { TERMINAL_SESSION_ROUTES } from './terminal-sessions/routes.ts'
import { TRANSFER_REVERSAL_ROUTES } from './transfers/reversal-routes.ts'
import { TRANSFER_ROUTES } from './transfers/routes.ts'
import { VIRTUAL_ACCOUNT_ROUTES } from './virtual-accounts/routes.ts'
import { WEBHOOK_DELIVERY_ROUTES } from './webhooks/delivery-routes.ts'
import { WEBHOOK_ROUTES } from './webhooks/routes.ts'

/** The routes of most calls, which have a short way to their handlers (`answer-directly.ts`). */
export const FREQUENT_ROUTES: readonly Route[] = [createPaymentSessionRoute, retrievePaymentSession]

/** Every route of the API, by resource in the order of the documentation. */
export const API_ROUTES: readonly Route[] = [
  ...PAYMENT_SESSION_ROUTES,
  ...TERMINAL_SESSION_ROUTES,
  ...PAYMENT_LINK_ROUTES,
  ...PAYMENT_ROUTES,
  ...REFUND_ROUTES,
  ...VIRTUAL_ACCOUNT_ROUTES,
  ...MANDATE_ROUTES,
  ...CUSTOMER_ROUTES,
  ...PAYMENT_METHOD_ROUTES,
  ...TRANSFER_ROUTES,
  ...TRANSFER_REVERSAL_ROUTES,
  ...CONNECTED_ACCOUNT_ROUTES,
  ...CONNECTED_MONEY_ROUTES,
  ...PAYOUT_ROUTES,
  ...WEBHOOK_ROUTES,
  ...WEBHOOK_DELIVERY_ROUTES,
  ...EVENT_ROUTES,
]
