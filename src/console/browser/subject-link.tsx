import { eventSubjectOf, type SubjectField } from '../../client/event-subject.ts'
import { IdLink, type ObjectViewName } from './router.tsx'
import { text } from './text.ts'

/** Undefined: there is no view yet. */
const VIEWS: Partial<Record<SubjectField, ObjectViewName>> = {
  payments_session_id: 'sessions',
  payment_link_id: 'links',
  mandate_id: 'mandates',
  payout_id: 'payouts',
  virtual_account_id: 'virtual-accounts',
}

/** The object that an event is about, as a link to its view. */
export function SubjectLink({ row }: { readonly row: Parameters<typeof eventSubjectOf>[0] }) {
  const subject = eventSubjectOf(row)
  if (subject === undefined) return null
  const view = VIEWS[subject.field]
  if (view === undefined) return text('payment method {id}', { id: subject.id })
  return <IdLink of={view} id={subject.id} />
}
