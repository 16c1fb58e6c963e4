/**
 * The forbidden states of balance transactions and payouts, each with a select of the affected ids. `ledger check`
 * reports them.
 */

const CHARGES = `payment_attempts a
    join payment_sessions s on s.bucket = a.bucket and s.id = a.payment_session_id`

const PAYMENT_TRANSACTIONS = `
  select a.bucket, 'charge' as kind, a.id, a.account_id, 0 as connected_account_id,
    a.id as payment_attempt_id, s.currency, a.captured_minor as amount_minor, a.fee_minor,
    a.tax_minor
  from ${CHARGES} where a.status = 'succeeded'`

/**
 * The required balance transactions of refunds, transfers, reversals and disputes. The first select names all columns,
 * because Citus needs the names where another part of the statement uses the columns.
 */
export const OTHER_TRANSACTIONS = `
  select r.bucket, 'refund' as kind, r.id, a.account_id, 0 as connected_account_id,
    a.id as payment_attempt_id, s.currency, -r.amount_minor as amount_minor, 0 as fee_minor,
    0 as tax_minor
  from ${CHARGES} join refunds r on r.bucket = a.bucket and r.payment_attempt_id = a.id
  where a.status = 'succeeded' and r.status = 'succeeded'
  union all
  select t.bucket, 'transfer', t.id, a.account_id, 0, a.id as payment_attempt_id, s.currency, -t.amount_minor, 0, 0
  from ${CHARGES} join transfers t on t.bucket = a.bucket and t.payment_attempt_id = a.id
  union all
  select t.bucket, 'connected_transfer', t.id, a.account_id, t.connected_account_id, a.id as payment_attempt_id,
    s.currency, t.amount_minor, 0, 0
  from ${CHARGES} join transfers t on t.bucket = a.bucket and t.payment_attempt_id = a.id
  union all
  select v.bucket, 'transfer_reversal', v.id, t.account_id, 0, t.payment_attempt_id, t.currency,
    v.amount_minor, 0, 0
  from transfer_reversals v join transfers t on t.bucket = v.bucket and t.id = v.transfer_id
  union all
  select v.bucket, 'connected_reversal', v.id, t.account_id, t.connected_account_id,
    t.payment_attempt_id, t.currency, -v.amount_minor, 0, 0
  from transfer_reversals v join transfers t on t.bucket = v.bucket and t.id = v.transfer_id
  union all
  select d.bucket, 'dispute', d.id, a.account_id, 0, a.id as payment_attempt_id, s.currency, -d.amount_minor,
    d.fee_minor, 0
  from ${CHARGES} join disputes d on d.bucket = a.bucket and d.payment_attempt_id = a.id
  union all
  select d.bucket, 'dispute_return', d.id, a.account_id, 0, a.id as payment_attempt_id, s.currency, d.amount_minor,
    -d.fee_minor, 0
  from ${CHARGES} join disputes d on d.bucket = a.bucket and d.payment_attempt_id = a.id
  where d.status = 'won'`

const EXPECTED_TRANSACTIONS = `${PAYMENT_TRANSACTIONS}
  union all
  ${OTHER_TRANSACTIONS}`

/** The columns of a balance transaction that its object determines. */
export const COMPARED_TRANSACTION = `bucket, kind, id, account_id, connected_account_id, payment_attempt_id, currency,
  amount_minor, fee_minor, tax_minor`
const STORED_TRANSACTIONS = `select ${COMPARED_TRANSACTION} from balance_transactions`

/** The condition for payouts that keep their transactions: initiated and paid ones. */
export const NOT_FAILED = "p.status in ('initiated', 'paid')"
/** The transactions in the lists of payouts. */
export const MEMBERS = `payout_transactions m join payouts p on p.id = m.payout_id
    join balance_transactions t on t.kind = m.kind and t.id = m.transaction_id
      and t.bucket = m.transaction_id / 16384 % 256`

/** The net amounts of the transactions that no initiated or paid payout has, by balance. */
const FREE = `select t.account_id, t.connected_account_id, t.currency, sum(t.net_minor) as minor
  from balance_transactions t left join payouts p on p.id = t.payout_id
  where p.id is null or not ${NOT_FAILED}
  group by t.account_id, t.connected_account_id, t.currency`

/** The balances of merchants and connected accounts in the ledger. */
const BOOKED_BALANCES = `select account_id, owner, currency, sum(minor) as minor from (
    select account_id, credit as owner, currency, amount_minor as minor from ledger_postings
    union all
    select account_id, debit, currency, -amount_minor from ledger_postings) sides
  where owner = 'merchant' or owner like 'connected_account/%'
  group by account_id, owner, currency`

const OWNER = `case connected_account_id when 0 then 'merchant'
    else 'connected_account/' || connected_account_id end`

/** The checks, each with its sentence and a select of the affected ids. */
export const BALANCE_CHECKS: readonly (readonly [what: string, select: string])[] = [
  [
    'has no matching balance transaction',
    `select id, kind from (select ${COMPARED_TRANSACTION} from (${EXPECTED_TRANSACTIONS}) e except ${STORED_TRANSACTIONS}) x`,
  ],
  [
    'balance transaction has no matching object',
    `select id, kind from (${STORED_TRANSACTIONS} except select ${COMPARED_TRANSACTION} from (${EXPECTED_TRANSACTIONS}) e) x`,
  ],
  [
    'balance transaction is in several payouts',
    `select m.transaction_id as id, m.kind from ${MEMBERS}
     where ${NOT_FAILED} group by m.kind, m.transaction_id having count(*) > 1`,
  ],
  [
    'balance transaction is missing from the list of its payout',
    `select t.id, t.kind from balance_transactions t
       left join payout_transactions m
         on m.payout_id = t.payout_id and m.created_at_ms = t.created_at_ms
           and m.transaction_id = t.id and m.kind = t.kind
     where t.payout_id is not null and m.payout_id is null`,
  ],
  [
    'balance transaction is in the list of a payout that is not its payout',
    `select t.id, t.kind from ${MEMBERS}
     where ${NOT_FAILED} and (t.payout_id is null or t.payout_id <> p.id)`,
  ],
  [
    'payout has transactions of another balance',
    `select p.id from ${MEMBERS}
     where t.account_id <> p.account_id or t.connected_account_id <> p.connected_account_id
       or t.currency <> p.currency`,
  ],
  [
    'payout differs from the sum of its transactions',
    `select p.id from payouts p left join (
         select m.payout_id, sum(t.net_minor) as minor from ${MEMBERS} group by m.payout_id) x
       on x.payout_id = p.id
     where p.amount_minor <> coalesce(x.minor, 0)`,
  ],
  [
    'ledger balance differs from the transactions that are in no payout',
    `select account_id as id from (
       select account_id, owner, currency, sum(minor) as minor from (
         select account_id, owner, currency, minor from (${BOOKED_BALANCES}) b
         union all
         select account_id, ${OWNER}, currency, -minor from (${FREE}) f) both_sides
       group by account_id, owner, currency) x
     where minor <> 0`,
  ],
]
