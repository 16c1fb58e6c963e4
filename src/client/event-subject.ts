/** The object that an event is about, as rows of events identify it. */
type SubjectIds = {
  readonly payments_session_id?: string
  readonly payment_link_id?: string
  readonly virtual_account_id?: string
  readonly payout_id?: string
  readonly mandate_id?: string
  readonly payment_method_id?: string
}

/** The name of each kind of object, by its field. */
const NAMES = {
  payments_session_id: 'payment session',
  payment_link_id: 'payment link',
  virtual_account_id: 'virtual account',
  payout_id: 'payout',
  mandate_id: 'mandate',
  payment_method_id: 'payment method',
} as const satisfies Record<keyof SubjectIds, string>

/** The field of an event that identifies its object. */
export type SubjectField = keyof typeof NAMES

/**
 * Returns the field, the name and the id of an event's object. Undefined: the row has no object.
 */
export function eventSubjectOf(
  row: SubjectIds,
): { readonly field: SubjectField; readonly name: string; readonly id: string } | undefined {
  for (const field of Object.keys(NAMES) as SubjectField[]) {
    const id = row[field]
    if (id !== undefined) return { field, name: NAMES[field], id }
  }
  return undefined
}
