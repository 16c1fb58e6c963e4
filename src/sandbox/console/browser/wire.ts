/** The types of the sandbox's answers, by the names that the console's views use. */
import type {
  ConsoleFacts,
  DeliveryPost,
  ExchangeMessage,
  Snapshot,
} from '../../../client/control.ts'
import type {
  Delivery as ApiDelivery,
  EventPage,
  PaymentPage,
  PaymentSessionPage,
  Payment as RetrievedPayment,
  Webhook,
} from '../../../client/types.ts'

/** Answers of the control API. */
export type {
  ClockState,
  EndpointKeys,
  Exchange,
  InspectedDelivery,
  KeptFault as Fault,
  SessionStory,
  SignatureSteps,
  Tenant,
  TimelineEntry,
} from '../../../client/control.ts'
/** Answers of the API. */
export type { Refund } from '../../../client/types.ts'

/** The sandbox that the console shows. */
export type SandboxFacts = ConsoleFacts
/** A snapshot of the sandbox. */
export type KeptSnapshot = Snapshot
/** One side of an exchange. */
export type Message = ExchangeMessage
/** One POST of a delivery. */
export type Post = DeliveryPost

/** The page of a list. */
export type PageContext = EventPage['page_context']
/** A payment session in a list. Times are in seconds. */
export type Session = PaymentSessionPage['payments_sessions'][number]
/** A payment, in a list or alone: a list leaves some fields out. `date` is in seconds. */
export type Payment = PaymentPage['payments'][number] & Partial<RetrievedPayment>
/** An event in a list. `event_time` is in milliseconds. */
export type EventRow = EventPage['events'][number]
/** A webhook endpoint. */
export type Endpoint = Webhook
/** A delivery in an endpoint's log. Times are in seconds. */
export type Delivery = ApiDelivery
