/** An entry of a session's timeline with its time, in milliseconds since 1970. */
export type TimedEntry<Entry> = { readonly atMs: number; readonly entry: Entry }

/** The parts of a session's history, each with the oldest first. */
type SessionHistory<Entry> = {
  /** Its creation, the warnings about it, and its expiry. */
  readonly session: readonly TimedEntry<Entry>[]
  readonly requests: readonly TimedEntry<Entry>[]
  /** The calls to the processor lie between the start and the end of their attempt. */
  readonly attempts: readonly {
    readonly paymentId: string
    readonly entries: readonly TimedEntry<Entry>[]
  }[]
  readonly refunds: readonly TimedEntry<Entry>[]
  /** Each event, followed by its deliveries. */
  readonly events: readonly {
    /** Undefined: the event has no payment. */
    readonly paymentId: string | undefined
    readonly entries: readonly TimedEntry<Entry>[]
  }[]
}

/**
 * Orders a history by time. Among entries of the same time, each cause comes before its effects. Equal times are
 * frequent, because some are whole seconds and a clock can be frozen.
 */
export function orderTimeline<Entry>({
  attempts,
  events,
  refunds,
  requests,
  session,
}: SessionHistory<Entry>): readonly TimedEntry<Entry>[] {
  const paymentIds = new Set(attempts.map(({ paymentId }) => paymentId))
  const inOrder = [
    ...session,
    ...requests,
    ...attempts.flatMap(({ entries, paymentId }) => [
      ...entries,
      ...events.filter((event) => event.paymentId === paymentId).flatMap((event) => event.entries),
    ]),
    ...refunds,
    ...events
      .filter(({ paymentId }) => paymentId === undefined || !paymentIds.has(paymentId))
      .flatMap(({ entries }) => entries),
  ]
  // The sort is stable.
  return inOrder.toSorted((one, other) => one.atMs - other.atMs)
}

/** Returns the id of an event's payment, from the object in its body. Undefined: it has none. */
export function paymentIdOf(eventObject: object): string | undefined {
  const [object] = Object.values(eventObject) as readonly unknown[]
  return typeof object === 'object' && object !== null && 'payment_id' in object
    ? String(object.payment_id)
    : undefined
}
