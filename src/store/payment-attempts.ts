import {
  type AccountId,
  bucketOf,
  type PaymentAttemptId,
  type PaymentSessionId,
} from '../domain/id.ts'
import type { InstrumentFacts } from '../domain/instrument.ts'
import type {
  CustomerAction,
  DeclineCode,
  PaymentAttempt,
  PaymentAttemptStatus,
} from '../domain/payment-attempt.ts'
import type { Listed, Page, PaymentFilter } from '../operations/store.ts'
import { claimDue } from './claim.ts'
import type { Engine, Row, Sql, SqlValue } from './engine/engine.ts'
import {
  addTimes,
  type Conditions,
  createConditions,
  placeholders,
  readListPage,
  withFilter,
} from './engine/statement.ts'

const COLUMNS = [
  'bucket',
  'id',
  'payment_session_id',
  'account_id',
  'number',
  'created_at_ms',
  'deadline_at_ms',
  'payment_method',
  'customer_email',
  'customer_phone',
  'customer_dialing_code',
  'statement_descriptor',
  'is_foreign',
  'status',
  'instrument_json',
  'processor_reference',
  'action_json',
  'decline_code',
  'decided_at_ms',
  'ask_at_ms',
  'asked_count',
  'captured_minor',
  'fee_minor',
  'tax_minor',
  'refunded_minor',
  'refunding_minor',
  'transferred_minor',
]
const SELECT = `select ${COLUMNS.join(', ')} from payment_attempts`
/** Those that a move can change, which come last. */
const CHANGING = COLUMNS.slice(COLUMNS.indexOf('status'))

function valuesFrom(attempt: PaymentAttempt): SqlValue[] {
  return [
    bucketOf(attempt.id),
    Number(attempt.id),
    Number(attempt.paymentSessionId),
    Number(attempt.accountId),
    attempt.number,
    attempt.createdAtMs,
    attempt.deadlineAtMs,
    attempt.instrument.type,
    attempt.customer?.email ?? null,
    attempt.customer?.phone ?? null,
    attempt.customer?.dialingCode ?? null,
    attempt.statementDescriptor ?? null,
    attempt.isForeign === true ? 1 : 0,
    attempt.status,
    JSON.stringify(attempt.instrument),
    attempt.processorReference ?? null,
    attempt.action === undefined ? null : JSON.stringify(attempt.action),
    attempt.declineCode ?? null,
    attempt.decidedAtMs ?? null,
    attempt.askAtMs ?? null,
    attempt.askedCount,
    attempt.money.capturedMinor,
    attempt.money.feeMinor,
    attempt.money.taxMinor,
    attempt.money.refundedMinor,
    attempt.money.refundingMinor,
    attempt.money.transferredMinor,
  ]
}

function attemptFrom(row: Row): PaymentAttempt {
  return {
    id: String(row.id) as PaymentAttemptId,
    paymentSessionId: String(row.payment_session_id) as PaymentSessionId,
    accountId: String(row.account_id) as AccountId,
    status: row.status as PaymentAttemptStatus,
    number: row.number as number,
    createdAtMs: row.created_at_ms as number,
    deadlineAtMs: row.deadline_at_ms as number,
    instrument: JSON.parse(row.instrument_json as string) as InstrumentFacts,
    askedCount: row.asked_count as number,
    money: {
      capturedMinor: BigInt(row.captured_minor as number),
      feeMinor: BigInt(row.fee_minor as number),
      taxMinor: BigInt(row.tax_minor as number),
      refundedMinor: BigInt(row.refunded_minor as number),
      refundingMinor: BigInt(row.refunding_minor as number),
      transferredMinor: BigInt(row.transferred_minor as number),
    },
    ...((row.customer_email !== null || row.customer_phone !== null) && {
      customer: {
        ...(row.customer_email !== null && { email: row.customer_email as string }),
        ...(row.customer_phone !== null && { phone: row.customer_phone as string }),
        ...(row.customer_dialing_code !== null && {
          dialingCode: row.customer_dialing_code as string,
        }),
      },
    }),
    ...(row.statement_descriptor !== null && {
      statementDescriptor: row.statement_descriptor as string,
    }),
    ...(row.is_foreign === 1 && { isForeign: true }),
    ...(row.processor_reference !== null && {
      processorReference: row.processor_reference as string,
    }),
    ...(row.action_json !== null && {
      action: JSON.parse(row.action_json as string) as CustomerAction,
    }),
    ...(row.decline_code !== null && { declineCode: row.decline_code as DeclineCode }),
    ...(row.decided_at_ms !== null && { decidedAtMs: row.decided_at_ms as number }),
    ...(row.ask_at_ms !== null && { askAtMs: row.ask_at_ms as number }),
  }
}

const INSERT = `insert into payment_attempts (${COLUMNS.join(', ')})
  values ${placeholders(1, COLUMNS.length)} on conflict (bucket, id) do nothing`

/** Stores a new attempt in its session's bucket. False: the id is taken, and nothing was stored. */
export async function insertPaymentAttempt(sql: Sql, attempt: PaymentAttempt): Promise<boolean> {
  return (await sql.run(INSERT, valuesFrom(attempt))) === 1
}

const UPDATE = `update payment_attempts set ${CHANGING.map((column, index) => `${column} = $${index + 3}`).join(', ')}
  where bucket = $1 and id = $2`

/** Writes what a move can change. */
export async function updatePaymentAttempt(sql: Sql, attempt: PaymentAttempt): Promise<void> {
  const [bucket, id, ...rest] = valuesFrom(attempt)
  const changing = rest.slice(-CHANGING.length)
  await sql.run(UPDATE, [bucket as SqlValue, id as SqlValue, ...changing])
}

/** Undefined: there is no such attempt. */
export async function findPaymentAttempt(
  sql: Sql,
  id: PaymentAttemptId,
): Promise<PaymentAttempt | undefined> {
  const [row] = await sql.all(`${SELECT} where bucket = $1 and id = $2`, [bucketOf(id), Number(id)])
  return row && attemptFrom(row)
}

/** Lists a session's attempts, newest first. */
export async function listPaymentAttempts(
  sql: Sql,
  of: PaymentSessionId,
): Promise<readonly PaymentAttempt[]> {
  const rows = await sql.all(
    `${SELECT} where bucket = $1 and payment_session_id = $2 order by number desc`,
    [bucketOf(of), Number(of)],
  )
  return rows.map(attemptFrom)
}

/** Takes an attempt that is due to be asked about. Undefined: there is none. */
export async function claimPaymentAttempt(
  engine: Engine,
  nowMs: number,
  leaseMs: number,
): Promise<PaymentAttempt | undefined> {
  const row = await claimDue(engine, 'payment_attempts', COLUMNS, { nowMs, leaseMs })
  return row && attemptFrom(row)
}

/**
 * Writes what finds an account's attempts by a text, and adds its parameters. Each part has an index of
 * its own: one condition with `or` in it would be asked of every payment of the account.
 */
function foundBy(
  { params }: Conditions,
  accountId: AccountId,
  text: string,
  id: PaymentAttemptId | undefined,
): string {
  const value = (given: SqlValue) => `$${params.push(given)}`
  const account = value(Number(accountId))
  const sought = value(text)
  const parts = [
    `select bucket, id from payment_attempts
     where account_id = ${account} and customer_email = ${sought}`,
    `select bucket, id from payment_attempts
     where account_id = ${account} and customer_phone = ${sought}`,
    `select p.bucket, p.id from payment_sessions s
       join payment_attempts p on p.bucket = s.bucket and p.payment_session_id = s.id
     where ${withFilter('s.account_id')} = ${account} and s.reference_number = ${sought}`,
  ]
  if (id !== undefined) {
    parts.push(
      `select bucket, id from payment_attempts
       where bucket = ${value(bucketOf(id))} and id = ${value(Number(id))}`,
    )
  }
  return parts.join(' union ')
}

/** Lists an account's attempts, newest first, with how many match in all. */
export async function listPayments(
  sql: Sql,
  accountId: AccountId,
  filter: PaymentFilter,
  page: Page,
): Promise<Listed<PaymentAttempt>> {
  const conditions = createConditions()
  const { add } = conditions
  const { sought, soughtId } = filter
  // Whether or not it knows its tables, the database begins with the few that were found.
  const from =
    sought === undefined
      ? 'from payment_attempts a'
      : `from (${foundBy(conditions, accountId, sought, soughtId)}) f cross join payment_attempts a`
  if (sought !== undefined) add('a.bucket = f.bucket and a.id = f.id')
  const isByMethod = filter.method !== undefined
  add(`${isByMethod ? withFilter('a.account_id') : 'a.account_id'} = ?`, Number(accountId))
  if (filter.status === 'refunded') add("(a.status = 'refunded' or a.refunded_minor > 0)")
  else if (filter.status !== undefined) add('a.status = ? and a.refunded_minor = 0', filter.status)
  if (filter.method !== undefined) add('a.payment_method = ?', filter.method)
  addTimes(conditions, 'a.created_at_ms', filter)
  const { rows, total } = await readListPage(
    sql,
    `select ${COLUMNS.map((column) => `a.${column}`).join(', ')}`,
    from,
    'a.created_at_ms desc, a.id desc',
    conditions,
    page,
  )
  return { items: rows.map(attemptFrom), total }
}
