/**
 * The wire's shapes, taken from the schemas by which the server checks and describes them. Only their
 * types: nothing of the server is loaded with a client.
 */
import type { Static, TSchema } from 'typebox'
import type {
  ConnectedAccountAnswered,
  ConnectedAccountCreateBody,
  ConnectedAccountListQuery,
  ConnectedAccountsListed,
} from '../api/connected-accounts/schemas.ts'
import type { EventListQuery, EventRetrieved, EventsListed } from '../api/events/schemas.ts'
import type {
  PaymentSessionCreateBody,
  PaymentSessionCreated,
  PaymentSessionListQuery,
  PaymentSessionRetrieved,
  PaymentSessionsListed,
} from '../api/payment-sessions/schemas.ts'
import type { PaymentListQuery, PaymentRetrieved, PaymentsListed } from '../api/payments/schemas.ts'
import type { RefundAnswered, RefundCreateBody, RefundsListed } from '../api/refunds/schemas.ts'
import type {
  TransferCreateBody,
  TransferListQuery,
  TransferRetrieved,
  TransferReversalCreateBody,
  TransferReversalListQuery,
  TransferReversalRetrieved,
  TransferReversalsListed,
  TransferReversed,
  TransfersListed,
  TransfersMade,
} from '../api/transfers/schemas.ts'
import type {
  DeliveriesListed,
  DeliveryListQuery,
  DeliveryResent,
  DeliveryRetrieved,
  EventsReplayed,
  EventType,
  ReplayBody,
  WebhookChangeBody,
  WebhookCreateBody,
  WebhookRetrieved,
  WebhookWithKey,
} from '../api/webhooks/schemas.ts'

/** What an answer holds beside its envelope: the rows under their own name, and `page_context`. */
type Listed<Schema extends TSchema> = Omit<Static<Schema>, 'code' | 'message'>
/** A query whose page is asked for by numbers. */
type Asked<Schema extends TSchema> = Omit<Static<Schema>, 'page' | 'per_page'> & PageAsked

/** Which page of a list: from 1, of at most 200 rows; 25 unless given. */
export type PageAsked = { readonly page?: number; readonly per_page?: number }

/** What a payment session is asked for with. Amounts are in major units: `100.5` or `'100.50'`. */
export type PaymentSessionCreate = Static<typeof PaymentSessionCreateBody>
/** A session that was just made, with the key of its checkout page: `/hostedcheckout/{access_key}`. */
export type PaymentSessionWithKey = Static<typeof PaymentSessionCreated>['payments_session']
/** A session with its status and its payments, newest first. */
export type PaymentSession = Static<typeof PaymentSessionRetrieved>['payments_session']
/** What sessions can be searched by. */
export type PaymentSessionQuery = Asked<typeof PaymentSessionListQuery>
/** A page of sessions. */
export type PaymentSessionPage = Listed<typeof PaymentSessionsListed>

/** A payment: one attempt to pay a session. */
export type Payment = Static<typeof PaymentRetrieved>['payment']
/** What payments can be searched by. */
export type PaymentQuery = Asked<typeof PaymentListQuery>
/** A page of payments. */
export type PaymentPage = Listed<typeof PaymentsListed>

/** What a refund is asked for with. The real service needs `reason` and `type` too. */
export type RefundCreate = Static<typeof RefundCreateBody>
/** A refund. It ends some time after it was asked for: `status` says how. */
export type Refund = Static<typeof RefundAnswered>['refund']
/** A page of refunds. */
export type RefundPage = Listed<typeof RefundsListed>

/** What transfers are asked for with. */
export type TransferCreate = Static<typeof TransferCreateBody>
/** What came of each part of a transfer request. */
export type TransfersOutcome = Static<typeof TransfersMade>['data']
/** A transfer with its reversals. */
export type Transfer = Static<typeof TransferRetrieved>['transfer_details']
/** What transfers can be searched by. */
export type TransferQuery = Asked<typeof TransferListQuery>
/** A page of transfers. */
export type TransferPage = Listed<typeof TransfersListed>

/** What a reversal is asked for with. */
export type TransferReversalCreate = Static<typeof TransferReversalCreateBody>
/** A reversal, as its creation answers it. */
export type TransferReversal = Static<typeof TransferReversed>['transfer_reversal']
/** A reversal, as it is retrieved. */
export type TransferReversalDetails = Static<
  typeof TransferReversalRetrieved
>['transfer_reversal_details']
/** What reversals can be searched by. */
export type TransferReversalQuery = Asked<typeof TransferReversalListQuery>
/** A page of reversals. */
export type TransferReversalPage = Listed<typeof TransferReversalsListed>

/** What an account is connected with. */
export type ConnectedAccountCreate = Static<typeof ConnectedAccountCreateBody>
/** A connected account. */
export type ConnectedAccount = Static<typeof ConnectedAccountAnswered>['connected_account']
/** Which page of connected accounts. */
export type ConnectedAccountQuery = Asked<typeof ConnectedAccountListQuery>
/** A page of connected accounts. */
export type ConnectedAccountPage = Listed<typeof ConnectedAccountsListed>

/** What a webhook endpoint is registered with. */
export type WebhookCreate = Static<typeof WebhookCreateBody>
/** What of a webhook endpoint is to be changed. */
export type WebhookChange = Static<typeof WebhookChangeBody>
/** A webhook endpoint. */
export type Webhook = Static<typeof WebhookRetrieved>['webhook']
/** A webhook endpoint with its key, which is shown this once. */
export type WebhookWithSigningKey = Static<typeof WebhookWithKey>['webhook']
/** What deliveries can be searched by. */
export type DeliveryQuery = Asked<typeof DeliveryListQuery>
/** A page of an endpoint's deliveries. */
export type DeliveryPage = Listed<typeof DeliveriesListed>
/** One event for one endpoint. */
export type Delivery = Static<typeof DeliveryResent>['delivery']
/** A delivery with its attempts, oldest first. */
export type DeliveryWithAttempts = Static<typeof DeliveryRetrieved>['delivery']
/** Which span of time is sent again. */
export type Replay = Static<typeof ReplayBody>
/** How many events are sent again. */
export type Replayed = Static<typeof EventsReplayed>['replay']

/** What happened, as `payment.succeeded`. */
export type EventTypeName = Static<typeof EventType>
/** What events can be searched by. */
export type EventQuery = Asked<typeof EventListQuery>
/** A page of events. */
export type EventPage = Listed<typeof EventsListed>
/** An event with its whole body as `payload`, and its deliveries. */
export type PaydeskEvent = Static<typeof EventRetrieved>['event']
