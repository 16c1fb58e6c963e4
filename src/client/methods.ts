// Printed by npm run print. Do not edit.
import type {
  ConnectedAccountAnswer,
  ConnectedAccountCreateBody,
  ConnectedAccountListQuery,
  ListConnectedAccountsAnswer,
} from '../api/connected-accounts/schemas.ts'
import type {
  ConnectedTransactionsQuery,
  ListConnectedTransactionsAnswer,
} from '../api/connected-accounts/transaction-schemas.ts'
import type {
  CustomerAnswer,
  CustomerChangeBody,
  CustomerCreateBody,
  CustomerListQuery,
  DeleteCustomerAnswer,
  ListCustomersAnswer,
  RetrieveCustomerAnswer,
} from '../api/customers/schemas.ts'
import type { EventList, EventListQuery, RetrieveEventAnswer } from '../api/events/schemas.ts'
import type {
  CreateMandateEnrollmentAnswer,
  CreateMandateExecutionAnswer,
  MandateEnrollmentBody,
  MandateExecutionBody,
} from '../api/mandate-sessions/schemas.ts'
import type {
  ExecuteMandateAnswer,
  ListMandatesAnswer,
  MandateAnswer,
  MandateExecuteBody,
  MandateListQuery,
  MandateNotificationAnswer,
  MandateNotifyBody,
} from '../api/mandates/schemas.ts'
import type {
  CreatePaymentLinkAnswer,
  ListPaymentLinksAnswer,
  PaymentLinkCreateBody,
  PaymentLinkListQuery,
  PaymentLinkNotifyBody,
  PaymentLinkUpdateBody,
  RetrievePaymentLinkAnswer,
} from '../api/payment-links/schemas.ts'
import type {
  CreateMethodSessionAnswer,
  DeletePaymentMethodAnswer,
  MethodSessionCreateBody,
  PaymentMethodAnswer,
  PaymentMethodChangeBody,
  RetrieveMethodSessionAnswer,
} from '../api/payment-methods/schemas.ts'
import type {
  CreatePaymentSessionAnswer,
  ListPaymentSessionsAnswer,
  PaymentSessionCreateBody,
  PaymentSessionListQuery,
  RetrievePaymentSessionAnswer,
} from '../api/payment-sessions/schemas.ts'
import type { DirectChargeBody } from '../api/payments/charge-schemas.ts'
import type {
  ListPaymentsAnswer,
  PaymentListQuery,
  RetrievePaymentAnswer,
} from '../api/payments/schemas.ts'
import type {
  ListConnectedPayoutTransactionsAnswer,
  ListPayoutsAnswer,
  ListPayoutTransactionsAnswer,
  PayoutListQuery,
  PayoutTransactionsQuery,
  RetrieveBalanceAnswer,
  RetrievePayoutAnswer,
} from '../api/payouts/schemas.ts'
import type {
  ListRefundsAnswer,
  RefundAnswer,
  RefundCreateBody,
  RefundListQuery,
} from '../api/refunds/schemas.ts'
import type {
  CreateTerminalSessionAnswer,
  TerminalSessionCreateBody,
} from '../api/terminal-sessions/schemas.ts'
import type {
  CreateTransfersAnswer,
  ListTransferReversalsAnswer,
  ListTransfersAnswer,
  RetrieveTransferAnswer,
  RetrieveTransferReversalAnswer,
  ReverseTransferAnswer,
  TransferCreateBody,
  TransferListQuery,
  TransferReversalCreateBody,
  TransferReversalListQuery,
} from '../api/transfers/schemas.ts'
import type {
  ListVirtualAccountPaymentsAnswer,
  ListVirtualAccountsAnswer,
  VirtualAccountAnswer,
  VirtualAccountChangeBody,
  VirtualAccountCreateBody,
  VirtualAccountListQuery,
  VirtualAccountPaymentsQuery,
} from '../api/virtual-accounts/schemas.ts'
import type {
  DeleteWebhookAnswer,
  DeliveryListQuery,
  ListDeliveriesAnswer,
  ListWebhooksAnswer,
  ReplayBody,
  ReplayEventsAnswer,
  ResendDeliveryAnswer,
  RetrieveDeliveryAnswer,
  RetrieveWebhookAnswer,
  WebhookChangeBody,
  WebhookCreateBody,
  WebhookWithKey,
} from '../api/webhooks/schemas.ts'

/**
 * Every operation of the API. `path` lies below `/api/v1`.
 *
 * `answer` is the key of the object in the answer. A list of several pages has `rows` (the key of its rows) and
 * `rowId` (the key of a row's id).
 */
export const METHODS = {
  createPaymentSession: {
    method: 'POST',
    path: '/paymentsessions',
    answer: 'payments_session',
  },
  createMandateEnrollment: {
    method: 'POST',
    path: '/paymentsessions',
    answer: 'payments_session',
  },
  createMandateExecution: {
    method: 'POST',
    path: '/paymentsessions',
    answer: 'payments_session',
  },
  createTypedTerminalSession: {
    method: 'POST',
    path: '/paymentsessions',
    answer: 'payments_session',
  },
  retrievePaymentSession: {
    method: 'GET',
    path: '/paymentsessions/{payments_session_id}',
    answer: 'payments_session',
  },
  listPaymentSessions: {
    method: 'GET',
    path: '/paymentsessions',
    rows: 'payments_sessions',
    rowId: 'payments_session_id',
  },
  cancelPaymentSession: {
    method: 'POST',
    path: '/paymentsessions/{payments_session_id}/cancel',
    answer: 'payments_session',
  },
  createTerminalSession: {
    method: 'POST',
    path: '/terminal/paymentsessions',
    answer: 'payments_session',
  },
  createPaymentLink: {
    method: 'POST',
    path: '/paymentlinks',
    answer: 'payment_links',
  },
  retrievePaymentLink: {
    method: 'GET',
    path: '/paymentlinks/{payment_link_id}',
    answer: 'payment_links',
  },
  listPaymentLinks: {
    method: 'GET',
    path: '/paymentlinks',
    rows: 'payment_links',
    rowId: 'payment_link_id',
  },
  updatePaymentLink: {
    method: 'PUT',
    path: '/paymentlinks/{payment_link_id}',
    answer: 'payment_links',
  },
  cancelPaymentLink: {
    method: 'PUT',
    path: '/paymentlinks/{payment_link_id}/cancel',
    answer: 'payment_links',
  },
  notifyOfPaymentLink: {
    method: 'POST',
    path: '/paymentlinks/{payment_link_id}/notify',
    answer: 'payment_links',
  },
  createPayment: {
    method: 'POST',
    path: '/payments',
    answer: 'payment',
  },
  retrievePayment: {
    method: 'GET',
    path: '/payments/{payment_id}',
    answer: 'payment',
  },
  listPayments: {
    method: 'GET',
    path: '/payments',
    rows: 'payments',
    rowId: 'payment_id',
  },
  createRefund: {
    method: 'POST',
    path: '/payments/{payment_id}/refunds',
    answer: 'refund',
  },
  retrieveRefund: {
    method: 'GET',
    path: '/refunds/{refund_id}',
    answer: 'refund',
  },
  listRefunds: {
    method: 'GET',
    path: '/payments/{payment_id}/refunds',
    rows: 'refunds',
    rowId: 'refund_id',
  },
  createVirtualAccount: {
    method: 'POST',
    path: '/virtualaccounts',
    answer: 'virtual_account',
  },
  retrieveVirtualAccount: {
    method: 'GET',
    path: '/virtualaccounts/{virtual_account_id}',
    answer: 'virtual_account',
  },
  updateVirtualAccount: {
    method: 'PUT',
    path: '/virtualaccounts/{virtual_account_id}',
    answer: 'virtual_account',
  },
  closeVirtualAccount: {
    method: 'PUT',
    path: '/virtualaccounts/{virtual_account_id}/close',
    answer: 'virtual_account',
  },
  listVirtualAccounts: {
    method: 'GET',
    path: '/virtualaccounts',
    rows: 'virtual_accounts',
    rowId: 'virtual_account_id',
  },
  listVirtualAccountPayments: {
    method: 'GET',
    path: '/virtualaccounts/{virtual_account_id}/payments',
    rows: 'payments',
    rowId: 'payment_id',
  },
  notifyMandate: {
    method: 'POST',
    path: '/mandates/notify',
    answer: 'mandate_notification',
  },
  retrieveMandateNotification: {
    method: 'GET',
    path: '/mandates/notifications/{mandate_notification_id}',
    answer: 'mandate_notification',
  },
  executeMandate: {
    method: 'POST',
    path: '/mandates/execute',
    answer: 'payment',
  },
  retrieveMandate: {
    method: 'GET',
    path: '/mandates/{mandate_id}',
    answer: 'mandate',
  },
  listMandates: {
    method: 'GET',
    path: '/mandates',
    rows: 'mandates',
    rowId: 'mandate_id',
  },
  cancelMandate: {
    method: 'POST',
    path: '/mandates/{mandate_id}/cancel',
    answer: 'mandate',
  },
  createCustomer: {
    method: 'POST',
    path: '/customers',
    answer: 'customer',
  },
  retrieveCustomer: {
    method: 'GET',
    path: '/customers/{customer_id}',
    answer: 'customer',
  },
  listCustomers: {
    method: 'GET',
    path: '/customers',
    rows: 'customers',
    rowId: 'customer_id',
  },
  updateCustomer: {
    method: 'PUT',
    path: '/customers/{customer_id}',
    answer: 'customer',
  },
  deleteCustomer: {
    method: 'DELETE',
    path: '/customers/{customer_id}',
  },
  createPaymentMethodSession: {
    method: 'POST',
    path: '/paymentmethodsessions',
    answer: 'payment_method_session',
  },
  retrievePaymentMethodSession: {
    method: 'GET',
    path: '/paymentmethodsessions/{payment_method_session_id}',
    answer: 'payment_method_session',
  },
  retrievePaymentMethod: {
    method: 'GET',
    path: '/paymentmethods/{payment_method_id}',
    answer: 'payment_method',
  },
  updatePaymentMethod: {
    method: 'PUT',
    path: '/paymentmethods/{payment_method_id}',
    answer: 'payment_method',
  },
  deletePaymentMethod: {
    method: 'DELETE',
    path: '/paymentmethods/{payment_method_id}',
  },
  createTransfers: {
    method: 'POST',
    path: '/transfers',
    answer: 'data',
  },
  retrieveTransfer: {
    method: 'GET',
    path: '/transfers/{transfer_id}',
    answer: 'transfer_details',
  },
  listTransfers: {
    method: 'GET',
    path: '/transfers',
    rows: 'transfers',
    rowId: 'transfer_id',
  },
  createTransferReversal: {
    method: 'POST',
    path: '/transferreversals',
    answer: 'transfer_reversal',
  },
  retrieveTransferReversal: {
    method: 'GET',
    path: '/transferreversals/{transfer_reversal_id}',
    answer: 'transfer_reversal_details',
  },
  listTransferReversals: {
    method: 'GET',
    path: '/transferreversals',
    rows: 'transfer_reversals',
    rowId: 'transfer_reversal_id',
  },
  createConnectedAccount: {
    method: 'POST',
    path: '/connectedaccounts',
    answer: 'connected_account',
  },
  retrieveConnectedAccount: {
    method: 'GET',
    path: '/connectedaccounts/{connected_account_id}',
    answer: 'connected_account',
  },
  listConnectedAccounts: {
    method: 'GET',
    path: '/connectedaccounts',
    rows: 'connected_accounts',
    rowId: 'connected_account_id',
  },
  listConnectedAccountPayouts: {
    method: 'GET',
    path: '/connectedaccounts/{connected_account_id}/payouts',
    rows: 'payouts',
    rowId: 'payout_id',
  },
  retrieveConnectedAccountPayout: {
    method: 'GET',
    path: '/connectedaccounts/{connected_account_id}/payouts/{payout_id}',
    answer: 'payout',
  },
  listConnectedAccountPayoutTransactions: {
    method: 'GET',
    path: '/connectedaccounts/{connected_account_id}/payouts/{payout_id}/transactions',
    rows: 'transactions',
    rowId: 'payout_id',
  },
  listConnectedAccountTransactions: {
    method: 'GET',
    path: '/connectedaccounts/{connected_account_id}/transactions',
    rows: 'transactions',
    rowId: 'transaction_id',
  },
  listPayouts: {
    method: 'GET',
    path: '/payouts',
    rows: 'payouts',
    rowId: 'payout_id',
  },
  retrievePayout: {
    method: 'GET',
    path: '/payouts/{payout_id}',
    answer: 'payout',
  },
  listPayoutTransactions: {
    method: 'GET',
    path: '/payouts/{payout_id}/transactions',
    rows: 'transactions',
    rowId: 'payout_id',
  },
  retrieveBalance: {
    method: 'GET',
    path: '/balance',
    answer: 'balances',
  },
  createWebhook: {
    method: 'POST',
    path: '/webhooks',
    answer: 'webhook',
  },
  listWebhooks: {
    method: 'GET',
    path: '/webhooks',
    answer: 'webhooks',
  },
  retrieveWebhook: {
    method: 'GET',
    path: '/webhooks/{webhook_url_id}',
    answer: 'webhook',
  },
  updateWebhook: {
    method: 'PUT',
    path: '/webhooks/{webhook_url_id}',
    answer: 'webhook',
  },
  deleteWebhook: {
    method: 'DELETE',
    path: '/webhooks/{webhook_url_id}',
  },
  rotateWebhookKey: {
    method: 'POST',
    path: '/webhooks/{webhook_url_id}/rotatekey',
    answer: 'webhook',
  },
  listWebhookDeliveries: {
    method: 'GET',
    path: '/webhooks/{webhook_url_id}/deliveries',
    rows: 'deliveries',
    rowId: 'event_id',
  },
  retrieveWebhookDelivery: {
    method: 'GET',
    path: '/webhooks/{webhook_url_id}/deliveries/{event_id}',
    answer: 'delivery',
  },
  resendWebhookDelivery: {
    method: 'POST',
    path: '/webhooks/{webhook_url_id}/deliveries/{event_id}/resend',
    answer: 'delivery',
  },
  replayWebhookEvents: {
    method: 'POST',
    path: '/webhooks/{webhook_url_id}/replay',
    answer: 'replay',
  },
  listEvents: {
    method: 'GET',
    path: '/events',
    rows: 'events',
    rowId: 'event_id',
  },
  retrieveEvent: {
    method: 'GET',
    path: '/events/{event_id}',
    answer: 'event',
  },
  resendEvent: {
    method: 'POST',
    path: '/events/{event_id}/resend',
    answer: 'event',
  },
} as const

/** The schemas of the operations. Undefined: there is no body, or no query. */
export type MethodSchemas = {
  readonly createPaymentSession: {
    readonly body: typeof PaymentSessionCreateBody
    readonly query: undefined
    readonly answer: typeof CreatePaymentSessionAnswer
  }
  readonly createMandateEnrollment: {
    readonly body: typeof MandateEnrollmentBody
    readonly query: undefined
    readonly answer: typeof CreateMandateEnrollmentAnswer
  }
  readonly createMandateExecution: {
    readonly body: typeof MandateExecutionBody
    readonly query: undefined
    readonly answer: typeof CreateMandateExecutionAnswer
  }
  readonly createTypedTerminalSession: {
    readonly body: typeof TerminalSessionCreateBody
    readonly query: undefined
    readonly answer: typeof CreateTerminalSessionAnswer
  }
  readonly retrievePaymentSession: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrievePaymentSessionAnswer
  }
  readonly listPaymentSessions: {
    readonly body: undefined
    readonly query: typeof PaymentSessionListQuery
    readonly answer: typeof ListPaymentSessionsAnswer
  }
  readonly cancelPaymentSession: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrievePaymentSessionAnswer
  }
  readonly createTerminalSession: {
    readonly body: typeof TerminalSessionCreateBody
    readonly query: undefined
    readonly answer: typeof CreateTerminalSessionAnswer
  }
  readonly createPaymentLink: {
    readonly body: typeof PaymentLinkCreateBody
    readonly query: undefined
    readonly answer: typeof CreatePaymentLinkAnswer
  }
  readonly retrievePaymentLink: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrievePaymentLinkAnswer
  }
  readonly listPaymentLinks: {
    readonly body: undefined
    readonly query: typeof PaymentLinkListQuery
    readonly answer: typeof ListPaymentLinksAnswer
  }
  readonly updatePaymentLink: {
    readonly body: typeof PaymentLinkUpdateBody
    readonly query: undefined
    readonly answer: typeof RetrievePaymentLinkAnswer
  }
  readonly cancelPaymentLink: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrievePaymentLinkAnswer
  }
  readonly notifyOfPaymentLink: {
    readonly body: typeof PaymentLinkNotifyBody
    readonly query: undefined
    readonly answer: typeof RetrievePaymentLinkAnswer
  }
  readonly createPayment: {
    readonly body: typeof DirectChargeBody
    readonly query: undefined
    readonly answer: typeof RetrievePaymentAnswer
  }
  readonly retrievePayment: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrievePaymentAnswer
  }
  readonly listPayments: {
    readonly body: undefined
    readonly query: typeof PaymentListQuery
    readonly answer: typeof ListPaymentsAnswer
  }
  readonly createRefund: {
    readonly body: typeof RefundCreateBody
    readonly query: undefined
    readonly answer: typeof RefundAnswer
  }
  readonly retrieveRefund: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RefundAnswer
  }
  readonly listRefunds: {
    readonly body: undefined
    readonly query: typeof RefundListQuery
    readonly answer: typeof ListRefundsAnswer
  }
  readonly createVirtualAccount: {
    readonly body: typeof VirtualAccountCreateBody
    readonly query: undefined
    readonly answer: typeof VirtualAccountAnswer
  }
  readonly retrieveVirtualAccount: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof VirtualAccountAnswer
  }
  readonly updateVirtualAccount: {
    readonly body: typeof VirtualAccountChangeBody
    readonly query: undefined
    readonly answer: typeof VirtualAccountAnswer
  }
  readonly closeVirtualAccount: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof VirtualAccountAnswer
  }
  readonly listVirtualAccounts: {
    readonly body: undefined
    readonly query: typeof VirtualAccountListQuery
    readonly answer: typeof ListVirtualAccountsAnswer
  }
  readonly listVirtualAccountPayments: {
    readonly body: undefined
    readonly query: typeof VirtualAccountPaymentsQuery
    readonly answer: typeof ListVirtualAccountPaymentsAnswer
  }
  readonly notifyMandate: {
    readonly body: typeof MandateNotifyBody
    readonly query: undefined
    readonly answer: typeof MandateNotificationAnswer
  }
  readonly retrieveMandateNotification: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof MandateNotificationAnswer
  }
  readonly executeMandate: {
    readonly body: typeof MandateExecuteBody
    readonly query: undefined
    readonly answer: typeof ExecuteMandateAnswer
  }
  readonly retrieveMandate: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof MandateAnswer
  }
  readonly listMandates: {
    readonly body: undefined
    readonly query: typeof MandateListQuery
    readonly answer: typeof ListMandatesAnswer
  }
  readonly cancelMandate: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof MandateAnswer
  }
  readonly createCustomer: {
    readonly body: typeof CustomerCreateBody
    readonly query: undefined
    readonly answer: typeof CustomerAnswer
  }
  readonly retrieveCustomer: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrieveCustomerAnswer
  }
  readonly listCustomers: {
    readonly body: undefined
    readonly query: typeof CustomerListQuery
    readonly answer: typeof ListCustomersAnswer
  }
  readonly updateCustomer: {
    readonly body: typeof CustomerChangeBody
    readonly query: undefined
    readonly answer: typeof CustomerAnswer
  }
  readonly deleteCustomer: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof DeleteCustomerAnswer
  }
  readonly createPaymentMethodSession: {
    readonly body: typeof MethodSessionCreateBody
    readonly query: undefined
    readonly answer: typeof CreateMethodSessionAnswer
  }
  readonly retrievePaymentMethodSession: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrieveMethodSessionAnswer
  }
  readonly retrievePaymentMethod: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof PaymentMethodAnswer
  }
  readonly updatePaymentMethod: {
    readonly body: typeof PaymentMethodChangeBody
    readonly query: undefined
    readonly answer: typeof PaymentMethodAnswer
  }
  readonly deletePaymentMethod: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof DeletePaymentMethodAnswer
  }
  readonly createTransfers: {
    readonly body: typeof TransferCreateBody
    readonly query: undefined
    readonly answer: typeof CreateTransfersAnswer
  }
  readonly retrieveTransfer: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrieveTransferAnswer
  }
  readonly listTransfers: {
    readonly body: undefined
    readonly query: typeof TransferListQuery
    readonly answer: typeof ListTransfersAnswer
  }
  readonly createTransferReversal: {
    readonly body: typeof TransferReversalCreateBody
    readonly query: undefined
    readonly answer: typeof ReverseTransferAnswer
  }
  readonly retrieveTransferReversal: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrieveTransferReversalAnswer
  }
  readonly listTransferReversals: {
    readonly body: undefined
    readonly query: typeof TransferReversalListQuery
    readonly answer: typeof ListTransferReversalsAnswer
  }
  readonly createConnectedAccount: {
    readonly body: typeof ConnectedAccountCreateBody
    readonly query: undefined
    readonly answer: typeof ConnectedAccountAnswer
  }
  readonly retrieveConnectedAccount: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof ConnectedAccountAnswer
  }
  readonly listConnectedAccounts: {
    readonly body: undefined
    readonly query: typeof ConnectedAccountListQuery
    readonly answer: typeof ListConnectedAccountsAnswer
  }
  readonly listConnectedAccountPayouts: {
    readonly body: undefined
    readonly query: typeof PayoutListQuery
    readonly answer: typeof ListPayoutsAnswer
  }
  readonly retrieveConnectedAccountPayout: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrievePayoutAnswer
  }
  readonly listConnectedAccountPayoutTransactions: {
    readonly body: undefined
    readonly query: typeof PayoutTransactionsQuery
    readonly answer: typeof ListConnectedPayoutTransactionsAnswer
  }
  readonly listConnectedAccountTransactions: {
    readonly body: undefined
    readonly query: typeof ConnectedTransactionsQuery
    readonly answer: typeof ListConnectedTransactionsAnswer
  }
  readonly listPayouts: {
    readonly body: undefined
    readonly query: typeof PayoutListQuery
    readonly answer: typeof ListPayoutsAnswer
  }
  readonly retrievePayout: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrievePayoutAnswer
  }
  readonly listPayoutTransactions: {
    readonly body: undefined
    readonly query: typeof PayoutTransactionsQuery
    readonly answer: typeof ListPayoutTransactionsAnswer
  }
  readonly retrieveBalance: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrieveBalanceAnswer
  }
  readonly createWebhook: {
    readonly body: typeof WebhookCreateBody
    readonly query: undefined
    readonly answer: typeof WebhookWithKey
  }
  readonly listWebhooks: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof ListWebhooksAnswer
  }
  readonly retrieveWebhook: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrieveWebhookAnswer
  }
  readonly updateWebhook: {
    readonly body: typeof WebhookChangeBody
    readonly query: undefined
    readonly answer: typeof RetrieveWebhookAnswer
  }
  readonly deleteWebhook: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof DeleteWebhookAnswer
  }
  readonly rotateWebhookKey: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof WebhookWithKey
  }
  readonly listWebhookDeliveries: {
    readonly body: undefined
    readonly query: typeof DeliveryListQuery
    readonly answer: typeof ListDeliveriesAnswer
  }
  readonly retrieveWebhookDelivery: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrieveDeliveryAnswer
  }
  readonly resendWebhookDelivery: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof ResendDeliveryAnswer
  }
  readonly replayWebhookEvents: {
    readonly body: typeof ReplayBody
    readonly query: undefined
    readonly answer: typeof ReplayEventsAnswer
  }
  readonly listEvents: {
    readonly body: undefined
    readonly query: typeof EventListQuery
    readonly answer: typeof EventList
  }
  readonly retrieveEvent: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrieveEventAnswer
  }
  readonly resendEvent: {
    readonly body: undefined
    readonly query: undefined
    readonly answer: typeof RetrieveEventAnswer
  }
}
