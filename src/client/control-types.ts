/** The control API's types, taken from the schemas by which the server checks and describes them. */
import type { Static, TSchema } from 'typebox'
import type { PaymentMethodType } from '../domain/payment-method.ts'
import type { DisputeOpenBody } from '../sandbox/control/dispute-schemas.ts'
import type { MandateStoryAnswer } from '../sandbox/control/mandate-schemas.ts'
import type { SavedMethodBody } from '../sandbox/control/payment-method-schemas.ts'
import type { PayoutFailBody, PayoutSettingsBody } from '../sandbox/control/payout-schemas.ts'
import type {
  BankTransferBody,
  ClockAdvanceBody,
  ClockAnswer,
  DecideBody,
  FactsAnswer,
  InspectedDeliveryAnswer,
  LedgerAnswer,
  LinkStoryAnswer,
  MessageAnswer,
  MessageListQuery,
  PlayedSessionAnswer,
  SandboxFacts as SandboxFactsSchema,
  SearchAnswer,
  SessionStoryAnswer,
  SnapshotAnswer,
  StatisticsAnswer,
  TenantAnswer,
  TenantBody,
  TriggerAttemptsBody,
  TriggerEventBody,
  TriggeredEventAnswer,
  TriggerSessionBody,
} from '../sandbox/control/schemas.ts'
import type { TerminalPayBody } from '../sandbox/control/terminal-schemas.ts'
import type { FaultAnswer, FaultBody } from '../sandbox/faults/schemas.ts'
import type { ListenersAnswer, RequestAnswer, RequestListQuery } from '../sandbox/log/schemas.ts'
import type { PaymentSessionCreate } from './types.ts'

/** The object in an envelope. */
type EnvelopeContent<Schema extends TSchema, Key extends keyof Static<Schema>> = Static<Schema>[Key]

/** The addresses and credentials of a sandbox, as `paydesk serve --json` prints them. */
export type SandboxFacts = Static<typeof SandboxFactsSchema> & { readonly name?: string }
/** A sandbox of the program: `main` or a tenant. */
export type Tenant = EnvelopeContent<typeof TenantAnswer, 'tenant'>
/** The options of a new tenant. */
export type TenantCreate = Static<typeof TenantBody>
/** The facts of a sandbox for the console. */
export type ConsoleFacts = EnvelopeContent<typeof FactsAnswer, 'facts'>

/** The state of a sandbox's clock. */
export type ClockState = EnvelopeContent<typeof ClockAnswer, 'clock'>
/** A length of time: `2d`, `1h30m`, `90s`, or a number of seconds. */
export type ClockAdvance = Static<typeof ClockAdvanceBody>['by']

/** A transfer to a virtual account from another bank. */
export type BankTransfer = Static<typeof BankTransferBody>

/** A test instrument to save for a customer. */
export type SavedInstrument = Static<typeof SavedMethodBody>

/** A sandbox's whole content at one moment. */
export type Snapshot = EnvelopeContent<typeof SnapshotAnswer, 'snapshot'>

/** A dispute to open: its amount and its reason. */
export type DisputeOpening = Static<typeof DisputeOpenBody>

/** A customer's action at a terminal. */
export type TerminalPayment = Static<typeof TerminalPayBody>

/** A change of an account's payouts. */
export type PayoutSettings = Static<typeof PayoutSettingsBody>
/** The bank's reason to refuse a payout. */
export type PayoutFailure = NonNullable<Static<typeof PayoutFailBody>['failure_code']>

/** An injected failure: its target, its effect, and its count. */
export type Fault = Static<typeof FaultBody>
/** A fault in the sandbox's list. */
export type KeptFault = EnvelopeContent<typeof FaultAnswer, 'fault'>

/** An exchange of the request log: an API call, a webhook, or a call to the processor. */
export type Exchange = EnvelopeContent<typeof RequestAnswer, 'request'>
/** A program that reads events, such as `paydesk webhook listen`. */
export type Listener = EnvelopeContent<typeof ListenersAnswer, 'listeners'>[number]
/** One side of an exchange: its headers and its body. */
export type ExchangeMessage = Exchange['request']
/** The filters of a list of exchanges. `status`: statuses or classes of them, such as `404` or `4xx,5xx`. */
export type ExchangeQuery = Omit<Static<typeof RequestListQuery>, 'limit'> & {
  /** The maximum number of exchanges. Default: 100. */
  readonly limit?: number
}

/** An object that the search found. */
export type SearchResult = EnvelopeContent<typeof SearchAnswer, 'found'>[number]
/** The outcomes of the newest payments, and the latencies of webhooks. */
export type Statistics = EnvelopeContent<typeof StatisticsAnswer, 'statistics'>

/** A message to a customer in the sandbox's outbox. The messages in a list do not have `html`. */
export type OutboxMessage = EnvelopeContent<typeof MessageAnswer, 'outbox_message'>
/** The filters of a list of messages. */
export type OutboxQuery = Omit<Static<typeof MessageListQuery>, 'limit'> & {
  /** The maximum number of messages, up to 200. Default: 50. */
  readonly limit?: number
}

/** The result of a check of the ledger. */
export type LedgerReport = EnvelopeContent<typeof LedgerAnswer, 'ledger'>

/** A payment attempt to play, and its outcome. */
export type PlayedAttempt = Omit<
  Static<typeof TriggerAttemptsBody>['attempts'][number],
  'method'
> & { readonly method: PaymentMethodType }
/** The decision of a waiting attempt. */
export type Decision = Static<typeof DecideBody>
/** A session to create, the attempts to play on it, and its end. */
export type TriggeredSession = Omit<Static<typeof TriggerSessionBody>, 'session' | 'attempts'> & {
  /** The body of `paymentSessions.create`. Default: 100.00 in the account's currency. */
  readonly session?: Partial<PaymentSessionCreate>
  readonly attempts?: readonly PlayedAttempt[]
}
/** A session after its attempts were played. A new session also has its keys. */
export type PlayedSession = EnvelopeContent<typeof PlayedSessionAnswer, 'payments_session'>
/** An event to send without a cause. */
export type TriggeredEvent = Omit<Static<typeof TriggerEventBody>, 'data'> & {
  /** A JSON merge patch for a sample of the event's object. */
  readonly data?: Readonly<Record<string, unknown>>
}
/** The body of an event. */
export type WireEvent = EnvelopeContent<typeof TriggeredEventAnswer, 'event'>

/** Everything about a session. */
export type SessionStory = EnvelopeContent<typeof SessionStoryAnswer, 'session'>
/** Everything about a payment link. */
export type LinkStory = EnvelopeContent<typeof LinkStoryAnswer, 'payment_link'>
/** Everything about a mandate. */
export type MandateStory = EnvelopeContent<typeof MandateStoryAnswer, 'mandate_story'>
/** One entry of the timeline of a session or a payment link. */
export type TimelineEntry = SessionStory['timeline'][number]
/** A delivery with each of its POSTs, newest first. */
export type InspectedDelivery = EnvelopeContent<typeof InspectedDeliveryAnswer, 'delivery'>
/** One POST of a delivery. */
export type DeliveryPost = InspectedDelivery['posts'][number]
/** The steps by which one signature is made. */
export type SignatureSteps = DeliveryPost['signatures'][number]
