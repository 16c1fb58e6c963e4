/** The sandbox's answers, as far as the console reads them. */

/** What a sandbox says of itself. */
export type SandboxFacts = {
  readonly name: string
  readonly base_url: string
  readonly account_id: string
  readonly us_account_id: string
  readonly connected_account_ids: readonly string[]
  readonly client_id: string
  readonly client_secret: string
  readonly refresh_token: string
  readonly access_token: string
  readonly signing_key: string
  readonly api_key: string
  readonly can_be_copied: boolean
  readonly plays_attempts: boolean
  readonly webhook_time: 'sandbox' | 'real'
}

/** The sandbox's clock. `rate` 0: it stands still. */
export type ClockState = {
  readonly time_ms: number
  readonly is_frozen: boolean
  readonly rate: number
  readonly stop_count?: number
}

/** Which part of a list an answer holds. */
export type PageContext = {
  readonly page: number
  readonly total: number
  readonly has_more_page: boolean
}

/** A payment session, of a list or alone. Times are in seconds. */
export type Session = {
  readonly payments_session_id: string
  readonly amount: string
  readonly currency: string
  readonly status: string
  readonly created_time: number
  readonly expiry_time: number
  readonly description?: string
  readonly invoice_number?: string
  readonly reference_number?: string
}

/** A payment. `date` is in seconds. */
export type Payment = {
  readonly payment_id: string
  readonly payments_session_id?: string
  readonly amount: string
  readonly currency: string
  readonly status: string
  readonly date: number
  readonly amount_captured?: string
  readonly amount_refunded?: string
  readonly net_amount?: string
  readonly total_fee_amount?: string
  readonly receipt_email?: string
  readonly phone?: string
  readonly reference_number?: string
  readonly transaction_reference_number?: string
  readonly failure_code?: string
  readonly failure_reason?: string
  readonly payment_method: { readonly type: string }
}

/** A refund. `date` is in seconds. */
export type Refund = {
  readonly refund_id: string
  readonly payment_id: string
  readonly amount: string
  readonly status: string
  readonly reason: string
  readonly failure_reason: string
  readonly date: number
}

/** One thing that happened to a session. */
export type TimelineEntry = {
  readonly time_ms: number
  readonly kind: 'session' | 'attempt' | 'refund' | 'event' | 'delivery' | 'request' | 'processor'
  readonly text: string
  readonly detail?: string
  readonly status?: string
  readonly payment_id?: string
  readonly event_id?: string
  readonly webhook_url_id?: string
  readonly request_id?: string
  readonly fault_id?: string
}

/** All about a session. */
export type SessionStory = {
  readonly account_id: string
  /** The session's id as the database holds it. */
  readonly stored_id: string
  readonly checkout_url: string
  readonly payments_session: Session
  readonly payments: readonly Payment[]
  readonly refunds: readonly Refund[]
  readonly timeline: readonly TimelineEntry[]
}

/** An exchange of the log. */
export type Exchange = {
  readonly id: string
  readonly kind: 'api' | 'webhook' | 'processor'
  readonly time_ms: number
  readonly duration_ms: number
  readonly method: string
  readonly path: string
  readonly request: Message
  readonly response?: Message & { readonly status: number | string }
  readonly failure?: string
  readonly payments_session_id?: string
  readonly payment_id?: string
  readonly event_id?: string
  readonly fault_id?: string
  readonly curl?: string
}

/** One side of an exchange. */
export type Message = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** An event of a list. `event_time` is in milliseconds. */
export type EventRow = {
  readonly event_id: number
  readonly event_type: string
  readonly payments_session_id: string
  readonly event_time: number
}

/** A webhook endpoint. */
export type Endpoint = {
  readonly webhook_url_id: string
  readonly name: string
  readonly url: string
  readonly description?: string
  readonly status: 'active' | 'inactive' | 'disabled'
  readonly enabled_events: readonly string[]
  readonly previous_key_expiry_time?: number
  readonly created_time: number
}

/** The keys that sign for an endpoint, the newest first. */
export type EndpointKeys = {
  readonly webhook_url_id: string
  readonly signing_keys: readonly string[]
}

/** A delivery of an endpoint's log. Times are in seconds. */
export type Delivery = {
  readonly event_id: number
  readonly event_type: string
  readonly status: string
  readonly attempt_count: number
  readonly http_status?: number
  readonly created_time: number
  readonly last_attempt_time?: number
  readonly next_attempt_time?: number
}

/** A step by step account of one signature. */
export type SignatureSteps = {
  readonly family: 'zoho' | 'standard'
  readonly header: string
  readonly sent: string
  readonly key: string
  readonly key_use: string
  readonly prefix: string
  readonly prefix_parts: string
  readonly hmac: string
  readonly encoding: string
  readonly value: string
  readonly agrees: boolean
}

/** One POST of a delivery. */
export type Post = {
  readonly number: number
  readonly time_ms: number
  readonly duration_ms: number
  readonly http_status?: number
  readonly failure?: string
  readonly response_body?: string
  readonly fault_id?: string
  readonly request_ids: readonly string[]
  readonly is_logged: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly changed_at?: number
  readonly signatures: readonly SignatureSteps[]
}

/** A delivery with its POSTs, the newest first. */
export type InspectedDelivery = Delivery & {
  readonly account_id: string
  readonly payments_session_id: string
  readonly webhook: {
    readonly webhook_url_id: string
    readonly name: string
    readonly url: string
  }
  readonly body: string
  readonly posts: readonly Post[]
}

/** A rule by which something goes wrong. */
export type Fault = {
  readonly id: string
  readonly target: 'route' | 'processor' | 'webhook'
  readonly match?: Readonly<Record<string, string>>
  readonly probability: number
  readonly count?: number
  readonly window?: { readonly from?: string; readonly to?: string }
  readonly effect: Readonly<Record<string, string | number | boolean>>
  readonly applied_count: number
}

/** A sandbox of the program. */
export type Tenant = SandboxFacts

/** A kept state of a sandbox. */
export type KeptSnapshot = {
  readonly name: string
  readonly time: string
  readonly byte_count: number
}
