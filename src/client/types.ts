/**
 * The API's types, taken from the schemas by which the server checks and describes them. Only types
 * are imported, so a client loads no server code.
 */
import type { Static, TSchema } from 'typebox'
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
  RetrieveBalanceAnswer,
  RetrievePayoutAnswer,
} from '../api/payouts/schemas.ts'
import type { ListRefundsAnswer, RefundAnswer, RefundCreateBody } from '../api/refunds/schemas.ts'
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
  DeliveryListQuery,
  EventType,
  ListDeliveriesAnswer,
  ReplayBody,
  ReplayEventsAnswer,
  ResendDeliveryAnswer,
  RetrieveDeliveryAnswer,
  RetrieveWebhookAnswer,
  WebhookChangeBody,
  WebhookCreateBody,
  WebhookWithKey,
} from '../api/webhooks/schemas.ts'

/** A page of a list without its envelope: the rows under their own name, and `page_context`. */
type ListPageOf<Schema extends TSchema> = Omit<Static<Schema>, 'code' | 'message'>
/** A query with numbers for its page. */
type ListQuery<Schema extends TSchema> = Omit<Static<Schema>, keyof PageQuery> & PageQuery

/**
 * A page of a list: its number from 1, and its size, at most 200 (default 25). `cursor` (Paydesk only) replaces the
 * number: `start`, or the previous page's `next_cursor`.
 */
export type PageQuery = {
  readonly page?: number
  readonly per_page?: number
  readonly cursor?: string
}

/** A payment session to create. Amounts are in major units: `100.5` or `'100.50'`. */
export type PaymentSessionCreate = Static<typeof PaymentSessionCreateBody>
/** A new session, with the key of its checkout page: `/hostedcheckout/{access_key}`. */
export type PaymentSessionWithKey = Static<typeof CreatePaymentSessionAnswer>['payments_session']
/** A session to create for a payment at a terminal. */
export type TerminalSessionCreate = Static<typeof TerminalSessionCreateBody>
/** A new session for a payment at a terminal. It has no page. */
export type TerminalSession = Static<typeof CreateTerminalSessionAnswer>['payments_session']
/** A session with its status and its payments, newest first. */
export type PaymentSession = Static<typeof RetrievePaymentSessionAnswer>['payments_session']
/** The filters of a list of sessions. */
export type PaymentSessionQuery = ListQuery<typeof PaymentSessionListQuery>
/** A page of sessions. */
export type PaymentSessionPage = ListPageOf<typeof ListPaymentSessionsAnswer>

/** A payment link to create. */
export type PaymentLinkCreate = Static<typeof PaymentLinkCreateBody>
/** A change of an active link: at least one field. An empty text removes a field. */
export type PaymentLinkUpdate = Static<typeof PaymentLinkUpdateBody>
/** A request to send a link again. */
export type PaymentLinkNotify = Static<typeof PaymentLinkNotifyBody>
/** A new link, or one of a list: without its payments. */
export type PaymentLinkRow = Static<typeof CreatePaymentLinkAnswer>['payment_links']
/** A link with its payments. The successful one is the first. */
export type PaymentLink = Static<typeof RetrievePaymentLinkAnswer>['payment_links']
/** The filters of a list of links. */
export type PaymentLinkQuery = ListQuery<typeof PaymentLinkListQuery>
/** A page of links. */
export type PaymentLinkPage = ListPageOf<typeof ListPaymentLinksAnswer>

/** A payment: one attempt to pay. */
export type Payment = Static<typeof RetrievePaymentAnswer>['payment']
/** The filters of a list of payments. */
export type PaymentQuery = ListQuery<typeof PaymentListQuery>
/** A page of payments. */
export type PaymentPage = ListPageOf<typeof ListPaymentsAnswer>

/** A customer to create. */
export type CustomerCreate = Static<typeof CustomerCreateBody>
/** A change of a customer: at least one field. */
export type CustomerChange = Static<typeof CustomerChangeBody>
/** A customer. */
export type Customer = Static<typeof CustomerAnswer>['customer']
/** A customer. Only a customer of an account of the US edition has `payment_methods`: the saved ones. */
export type CustomerWithMethods = Static<typeof RetrieveCustomerAnswer>['customer']
/** The filters of a list of customers. */
export type CustomerQuery = ListQuery<typeof CustomerListQuery>
/** A page of customers. Some fields of a row have other names than those of a customer: `customer_name` for `name`. */
export type CustomerPage = ListPageOf<typeof ListCustomersAnswer>

/** A charge of a saved payment method. */
export type DirectCharge = Static<typeof DirectChargeBody>
/** A request for a session in which a customer saves a payment method. */
export type PaymentMethodSessionCreate = Static<typeof MethodSessionCreateBody>
/** A new session. Its `access_key` opens the page on which the customer saves. */
export type NewPaymentMethodSession = Static<
  typeof CreateMethodSessionAnswer
>['payment_method_session']
/** A session with its status and the saved method. */
export type PaymentMethodSession = Static<
  typeof RetrieveMethodSessionAnswer
>['payment_method_session']
/** A saved card or bank account. */
export type PaymentMethod = Static<typeof PaymentMethodAnswer>['payment_method']
/** The changed fields of a saved payment method. */
export type PaymentMethodChange = Static<typeof PaymentMethodChangeBody>

/** A virtual account to create. Amounts are in rupees: `250.5` or `'250.50'`. */
export type VirtualAccountCreate = Static<typeof VirtualAccountCreateBody>
/** A change of a virtual account: at least one field. */
export type VirtualAccountChange = Static<typeof VirtualAccountChangeBody>
/** A virtual account. Its three amounts are numbers, unlike all other amounts. */
export type VirtualAccount = Static<typeof VirtualAccountAnswer>['virtual_account']
/** The filters of a list of virtual accounts. */
export type VirtualAccountQuery = ListQuery<typeof VirtualAccountListQuery>
/** A page of virtual accounts. */
export type VirtualAccountPage = ListPageOf<typeof ListVirtualAccountsAnswer>
/** The filters and the order of a list of a virtual account's payments. */
export type VirtualAccountPaymentQuery = ListQuery<typeof VirtualAccountPaymentsQuery>
/** A page of a virtual account's payments. */
export type VirtualAccountPaymentPage = ListPageOf<typeof ListVirtualAccountPaymentsAnswer>

/** A request for the enrollment of a mandate. */
export type MandateEnrollmentCreate = Omit<Static<typeof MandateEnrollmentBody>, 'type'>
/** The session in which a customer approves a mandate, in the answer to its creation. */
export type MandateEnrollment = Static<typeof CreateMandateEnrollmentAnswer>['payments_session']
/** A request for a session that debits a mandate. */
export type MandateExecutionCreate = Omit<Static<typeof MandateExecutionBody>, 'type'>
/** The session of a debit, in the answer to its creation. */
export type MandateExecution = Static<typeof CreateMandateExecutionAnswer>['payments_session']
/** A mandate. */
export type Mandate = Static<typeof MandateAnswer>['mandate']
/** The query of a list of mandates. */
export type MandateQuery = ListQuery<typeof MandateListQuery>
/** One page of mandates. */
export type MandatePage = ListPageOf<typeof ListMandatesAnswer>
/** A request to notify a customer of a debit. */
export type MandateNotify = Static<typeof MandateNotifyBody>
/** The notification of a debit. */
export type MandateNotification = Static<typeof MandateNotificationAnswer>['mandate_notification']
/** A request to debit a mandate. */
export type MandateExecute = Static<typeof MandateExecuteBody>
/** The payment of a debit. */
export type MandatePayment = Static<typeof ExecuteMandateAnswer>['payment']
/** A refund to create. The real service also requires `reason` and `type`. */
export type RefundCreate = Static<typeof RefundCreateBody>
/** A refund. Its outcome comes later, in `status`. */
export type Refund = Static<typeof RefundAnswer>['refund']
/** A page of refunds. */
export type RefundPage = ListPageOf<typeof ListRefundsAnswer>

/** Transfers to create. */
export type TransferCreate = Static<typeof TransferCreateBody>
/** The outcome of each part of a transfer request. */
export type TransfersOutcome = Static<typeof CreateTransfersAnswer>['data']
/** A transfer with its reversals. */
export type Transfer = Static<typeof RetrieveTransferAnswer>['transfer_details']
/** The filters of a list of transfers. */
export type TransferQuery = ListQuery<typeof TransferListQuery>
/** A page of transfers. */
export type TransferPage = ListPageOf<typeof ListTransfersAnswer>

/** A reversal to create. */
export type TransferReversalCreate = Static<typeof TransferReversalCreateBody>
/** A reversal in the answer to its creation. */
export type TransferReversal = Static<typeof ReverseTransferAnswer>['transfer_reversal']
/** A retrieved reversal. */
export type TransferReversalDetails = Static<
  typeof RetrieveTransferReversalAnswer
>['transfer_reversal_details']
/** The filters of a list of reversals. */
export type TransferReversalQuery = ListQuery<typeof TransferReversalListQuery>
/** A page of reversals. */
export type TransferReversalPage = ListPageOf<typeof ListTransferReversalsAnswer>

/** An account to connect. */
export type ConnectedAccountCreate = Static<typeof ConnectedAccountCreateBody>
/** A connected account. */
export type ConnectedAccount = Static<typeof ConnectedAccountAnswer>['connected_account']
/** The filters of a list of connected accounts. */
export type ConnectedAccountQuery = ListQuery<typeof ConnectedAccountListQuery>
/** A page of connected accounts. */
export type ConnectedAccountPage = ListPageOf<typeof ListConnectedAccountsAnswer>

/** The filters of a list of payouts. */
export type PayoutQuery = ListQuery<typeof PayoutListQuery>
/** A page of payouts. */
export type PayoutPage = ListPageOf<typeof ListPayoutsAnswer>
/** A payout with the sums of its transactions. */
export type Payout = Static<typeof RetrievePayoutAnswer>['payout']
/** A page of a payout's transactions. */
export type PayoutTransactionPage = ListPageOf<typeof ListPayoutTransactionsAnswer>
/** A page of the transactions of a connected account's payout. */
export type ConnectedPayoutTransactionPage = ListPageOf<
  typeof ListConnectedPayoutTransactionsAnswer
>
/** The filters of a list of a connected account's transactions. */
export type ConnectedTransactionQuery = ListQuery<typeof ConnectedTransactionsQuery>
/** A page of a connected account's transactions. */
export type ConnectedTransactionPage = ListPageOf<typeof ListConnectedTransactionsAnswer>
/** The balance of an account in one currency. */
export type Balance = Static<typeof RetrieveBalanceAnswer>['balances'][number]

/** A webhook endpoint to register. */
export type WebhookCreate = Static<typeof WebhookCreateBody>
/** The fields of a webhook endpoint to change. */
export type WebhookChange = Static<typeof WebhookChangeBody>
/** A webhook endpoint. */
export type Webhook = Static<typeof RetrieveWebhookAnswer>['webhook']
/** A webhook endpoint with its key, which no later answer has. */
export type WebhookWithSigningKey = Static<typeof WebhookWithKey>['webhook']
/** The filters of a list of deliveries. */
export type DeliveryQuery = ListQuery<typeof DeliveryListQuery>
/** A page of an endpoint's deliveries. */
export type DeliveryPage = ListPageOf<typeof ListDeliveriesAnswer>
/** The delivery of one event to one endpoint. */
export type Delivery = Static<typeof ResendDeliveryAnswer>['delivery']
/** A delivery with its attempts, oldest first. */
export type DeliveryWithAttempts = Static<typeof RetrieveDeliveryAnswer>['delivery']
/** The period and the types of the events to send again. */
export type Replay = Static<typeof ReplayBody>
/** The number of events that are sent again. */
export type EventReplay = Static<typeof ReplayEventsAnswer>['replay']

/** The type of an event, such as `payment.succeeded`. */
export type EventTypeName = Static<typeof EventType>
/** The filters of a list of events. */
export type EventQuery = ListQuery<typeof EventListQuery>
/** A page of events. */
export type EventPage = ListPageOf<typeof EventList>
/** An event with its whole body as `payload`, and its deliveries. */
export type PaydeskEvent = Static<typeof RetrieveEventAnswer>['event']
