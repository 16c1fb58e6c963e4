import type { Static } from 'typebox'
import type { PaymentSession, PaymentSessionCreate } from '../client/index.ts'
import type { DeclineCode } from '../domain/payment-attempt.ts'
import type { PaymentMethodType } from '../domain/payment-method.ts'
import type { WebhookEventType } from '../domain/webhook-event.ts'
import type { sandboxFacts } from '../sandbox/announce.ts'
import type { FaultBody } from '../sandbox/faults/schemas.ts'
import type { loggedRequestFields } from '../sandbox/log/request-log.ts'
import type { ledgerReportFields } from '../wire/ledger-report.ts'

/** What a sandbox says of itself, as `paydesk serve --json` prints it. */
export type SandboxFacts = ReturnType<typeof sandboxFacts> & { readonly name?: string }

/** An attempt to pay, and how it is to come out. */
export type PlayedAttempt = {
  readonly method: PaymentMethodType
  /** `pending`: it stays with the processor. */
  readonly outcome: 'succeeded' | 'failed' | 'pending'
  /** Why it fails; what fits the method unless given. */
  readonly decline_code?: DeclineCode
}

/** A session, named by its id or its access key, or by an object that has one of them. */
export type SessionReference =
  | string
  | { readonly payments_session_id?: string; readonly access_key?: string }

/** A session that is to be made in a state. */
export type TriggeredSession = {
  /** The IN account unless given. */
  readonly account_id?: string
  /** As for `paymentSessions.create`; 100.00 in the account's currency unless given. */
  readonly session?: Partial<PaymentSessionCreate>
  readonly attempts?: readonly PlayedAttempt[]
  /** How it ends after the attempts. */
  readonly ends_by?: 'expire' | 'cancel'
}

/** A session as it stands after what was played. The keys of its page are there where it was just made. */
export type PlayedSession = PaymentSession & {
  readonly access_key?: string
  readonly checkout_url?: string
}

/** An event that nothing has caused. */
export type TriggeredEvent = {
  readonly event_type: WebhookEventType
  readonly account_id?: string
  /** A new one unless given. */
  readonly event_id?: string
  /** Laid over a sample of the event's object. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** The body of an event. */
export type WireEvent = {
  readonly event_id: number
  readonly event_type: string
  readonly account_id: number
  readonly live_mode: boolean
  readonly event_time: number
  readonly event_object: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** What time it is in a sandbox. */
export type ClockState = {
  readonly time: string
  readonly time_ms: number
  readonly is_frozen: boolean
  /** How many sandbox seconds pass in a second. */
  readonly rate: number
  /** After a move: at how many moments something fell due on the way. */
  readonly stop_count?: number
}

/** All of a sandbox at one moment. */
export type Snapshot = {
  readonly name: string
  readonly time: string
  readonly byte_count: number
}

/** Something that is to go wrong: where, what, and how often. */
export type Fault = Static<typeof FaultBody>
/** A fault as it is kept. */
export type KeptFault = Fault & {
  readonly id: string
  /** How often it has applied. */
  readonly applied_count: number
}

/** Something that happened: an API call, a webhook, or a call of the processor. */
export type Exchange = ReturnType<typeof loggedRequestFields>
/** Which of what happened is asked for. */
export type ExchangeQuery = {
  readonly kind?: Exchange['kind']
  readonly payments_session_id?: string
  readonly payment_id?: string
  readonly event_id?: string
  /** Statuses or classes of them: `404`, `4xx,5xx`. */
  readonly status?: string
  /** Only what came after the exchange of this id. */
  readonly since?: string
  /** How many at most; 100 unless given. */
  readonly limit?: number
}

/** What a check of the books has found. */
export type LedgerReport = ReturnType<typeof ledgerReportFields>
