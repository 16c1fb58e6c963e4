/** The kinds of entries in the timeline of a session or a payment link. */
export const TIMELINE_KINDS = [
  'link',
  'session',
  'attempt',
  'refund',
  'payout',
  'message',
  'event',
  'delivery',
  'request',
  'processor',
] as const

/** One entry of the timeline of a session or a payment link, with the ids that it links to. */
export type TimelineEntry = {
  readonly time_ms: number
  readonly kind: (typeof TIMELINE_KINDS)[number]
  readonly text: string
  readonly detail?: string | undefined
  /** The status or the outcome, if there is one. */
  readonly status?: string | undefined
  /** The session of an entry about one of a payment link's sessions. */
  readonly payments_session_id?: string
  readonly payment_id?: string
  readonly refund_id?: string
  readonly payout_id?: string
  readonly message_id?: string
  readonly event_id?: string
  readonly webhook_url_id?: string
  /** The id of a logged request. Only a sandbox has a request log. */
  readonly request_id?: string
  readonly fault_id?: string
}
