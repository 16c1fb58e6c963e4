/** The postings that payments, refunds, transfers, reversals, disputes and payouts require, as selects. */
import { BUCKET_COUNT, COUNTER_COUNT } from '../domain/id.ts'

/** Payments with their sessions, for joins. */
export const PAYMENTS = `payment_attempts a
    join payment_sessions s on s.bucket = a.bucket and s.id = a.payment_session_id`
/** The join of the transfers of `PAYMENTS`. */
export const JOIN_TRANSFERS =
  'join transfers t on t.bucket = a.bucket and t.payment_attempt_id = a.id'
/** The join of the disputes of `PAYMENTS`. */
export const JOIN_DISPUTES =
  'join disputes d on d.bucket = a.bucket and d.payment_attempt_id = a.id'
/** The join of the reversals of `JOIN_TRANSFERS`. */
export const JOIN_REVERSALS =
  'join transfer_reversals v on v.bucket = t.bucket and v.transfer_id = t.id'

const OWNER = `case p.connected_account_id when 0 then 'merchant'
      else 'connected_account/' || p.connected_account_id end`
const PAYOUT_BUCKET = `p.id / ${COUNTER_COUNT} % ${BUCKET_COUNT}`

const PAYMENT_POSTINGS = `
  select a.bucket, case a.status when 'refunded' then 'late_capture' else 'capture' end as kind,
    a.id as source_id, a.id as payment_attempt_id, a.account_id, 'processor' as debit,
    case a.status when 'refunded' then 'customers' else 'merchant' end as credit, s.currency,
    s.amount_minor
  from ${PAYMENTS} where a.status in ('succeeded', 'refunded')
  union all
  select a.bucket, 'fee', a.id, a.id, a.account_id, 'merchant', 'fees', s.currency, a.fee_minor
  from ${PAYMENTS} where a.fee_minor > 0
  union all
  select a.bucket, 'tax', a.id, a.id, a.account_id, 'merchant', 'taxes', s.currency, a.tax_minor
  from ${PAYMENTS} where a.tax_minor > 0`

/**
 * The required postings of refunds, transfers, reversals, disputes and payouts. Except for payouts, merchant and currency
 * come from the payment and its session: a fault that changed a refund can have changed its posting in the same way. A
 * connected account's name in the ledger contains its id, which both engines convert to text by `||`.
 */
export const OTHER_POSTINGS = `
  select r.bucket, case a.status when 'refunded' then 'late_refund' else 'refund' end as kind,
    r.id as source_id, a.id as payment_attempt_id, a.account_id,
    case a.status when 'refunded' then 'customers' else 'merchant' end as debit,
    'processor' as credit, s.currency, r.amount_minor
  from ${PAYMENTS} join refunds r on r.bucket = a.bucket and r.payment_attempt_id = a.id
  where r.status = 'succeeded'
  union all
  select t.bucket, 'transfer', t.id, a.id as payment_attempt_id, a.account_id, 'merchant',
    'connected_account/' || t.connected_account_id, s.currency, t.amount_minor
  from ${PAYMENTS} ${JOIN_TRANSFERS}
  union all
  select v.bucket, 'transfer_reversal', v.id, a.id as payment_attempt_id, a.account_id,
    'connected_account/' || t.connected_account_id, 'merchant', s.currency, v.amount_minor
  from ${PAYMENTS} ${JOIN_TRANSFERS} ${JOIN_REVERSALS}
  union all
  select d.bucket, 'dispute', d.id, a.id as payment_attempt_id, a.account_id, 'merchant', 'processor', s.currency,
    d.amount_minor
  from ${PAYMENTS} ${JOIN_DISPUTES}
  union all
  select d.bucket, 'dispute_return', d.id, a.id as payment_attempt_id, a.account_id, 'processor', 'merchant', s.currency,
    d.amount_minor
  from ${PAYMENTS} ${JOIN_DISPUTES} where d.status = 'won'
  union all
  select d.bucket, 'dispute_fee', d.id, a.id as payment_attempt_id, a.account_id, 'merchant', 'fees', s.currency,
    d.fee_minor
  from ${PAYMENTS} ${JOIN_DISPUTES} where d.fee_minor > 0
  union all
  select d.bucket, 'dispute_fee_return', d.id, a.id as payment_attempt_id, a.account_id, 'fees', 'merchant', s.currency,
    d.fee_minor
  from ${PAYMENTS} ${JOIN_DISPUTES} where d.fee_minor > 0 and d.status = 'won'
  union all
  select ${PAYOUT_BUCKET}, 'payout', p.id, 0, p.account_id, ${OWNER}, 'processor', p.currency,
    p.amount_minor
  from payouts p where p.status in ('initiated', 'paid', 'failed')
  union all
  select ${PAYOUT_BUCKET}, 'payout_return', p.id, 0, p.account_id, 'processor', ${OWNER}, p.currency,
    p.amount_minor
  from payouts p where p.status = 'failed'`

/** All required postings. */
export const REQUIRED_POSTINGS = `${PAYMENT_POSTINGS}
  union all
  ${OTHER_POSTINGS}`

/** The compared columns of a posting. */
export const COMPARED_POSTING =
  'bucket, kind, source_id, payment_attempt_id, account_id, debit, credit, currency, amount_minor'
