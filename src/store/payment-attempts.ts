import {
  type AccountId,
  bucketOf,
  type PaymentAttemptId,
  type PaymentSessionId,
} from '../domain/id.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { Listed, Page, PaymentFilter, Store, Transaction } from '../operations/store.ts'
import { claimDue } from './claim.ts'
import {
  columns,
  flag,
  id,
  json,
  minor,
  optionalJson,
  optionalText,
  optionalWhole,
  small,
  text,
  whole,
  withoutUndefined,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Engine, Row, Sql, SqlValue } from './engine/engine.ts'
import {
  addTimes,
  assigned,
  type Conditions,
  createConditions,
  readListPage,
  withFilter,
} from './engine/statement.ts'

const ATTEMPT = columns<PaymentAttempt>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  payment_session_id: id(({ paymentSessionId }) => paymentSessionId),
  account_id: id(({ accountId }) => accountId),
  number: whole(({ number }) => number),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  deadline_at_ms: whole(({ deadlineAtMs }) => deadlineAtMs),
  payment_method: text(({ instrument }) => instrument.type),
  customer_email: optionalText(({ customer }) => customer?.email),
  customer_phone: optionalText(({ customer }) => customer?.phone),
  customer_dialing_code: optionalText(({ customer }) => customer?.dialingCode),
  statement_descriptor: optionalText(({ statementDescriptor }) => statementDescriptor),
  is_foreign: flag(({ isForeign }) => isForeign === true),
  status: text(({ status }) => status),
  instrument_json: json(({ instrument }) => instrument),
  processor_reference: optionalText(({ processorReference }) => processorReference),
  action_json: optionalJson(({ action }) => action),
  decline_code: optionalText(({ declineCode }) => declineCode),
  decided_at_ms: optionalWhole(({ decidedAtMs }) => decidedAtMs),
  ask_at_ms: optionalWhole(({ nextQueryAtMs }) => nextQueryAtMs),
  asked_count: whole(({ queryCount }) => queryCount),
  captured_minor: minor(({ money }) => money.capturedMinor),
  fee_minor: minor(({ money }) => money.feeMinor),
  tax_minor: minor(({ money }) => money.taxMinor),
  refunded_minor: minor(({ money }) => money.refundedMinor),
  refunding_minor: minor(({ money }) => money.refundingMinor),
  transferred_minor: minor(({ money }) => money.transferredMinor),
})
const SELECT = `select ${ATTEMPT.list()} from payment_attempts`
/** The columns that a move can change. They come last. */
const CHANGING = ATTEMPT.names.slice(ATTEMPT.names.indexOf('status'))

function attemptFrom(row: Row): PaymentAttempt {
  const values = ATTEMPT.read(row)
  const { customer_email: email, customer_phone: phone } = values
  const hasCustomer = email !== undefined || phone !== undefined
  return withoutUndefined({
    id: values.id,
    paymentSessionId: values.payment_session_id,
    accountId: values.account_id,
    status: values.status,
    number: values.number,
    createdAtMs: values.created_at_ms,
    deadlineAtMs: values.deadline_at_ms,
    instrument: values.instrument_json,
    queryCount: values.asked_count,
    money: {
      capturedMinor: values.captured_minor,
      feeMinor: values.fee_minor,
      taxMinor: values.tax_minor,
      refundedMinor: values.refunded_minor,
      refundingMinor: values.refunding_minor,
      transferredMinor: values.transferred_minor,
    },
    customer: hasCustomer
      ? withoutUndefined({ email, phone, dialingCode: values.customer_dialing_code })
      : undefined,
    statementDescriptor: values.statement_descriptor,
    isForeign: values.is_foreign || undefined,
    processorReference: values.processor_reference,
    action: values.action_json,
    declineCode: values.decline_code,
    decidedAtMs: values.decided_at_ms,
    nextQueryAtMs: values.ask_at_ms,
  })
}

const INSERT = `insert into payment_attempts ${ATTEMPT.insert()} on conflict (bucket, id) do nothing`

/** Stores a new attempt in its session's bucket. False: the id is taken, and nothing was stored. */
export async function insertPaymentAttempt(sql: Sql, attempt: PaymentAttempt): Promise<boolean> {
  return (await sql.run(INSERT, ATTEMPT.values(attempt))) === 1
}

const UPDATE = `update payment_attempts set ${assigned(CHANGING, 3)} where bucket = $1 and id = $2`

/** Writes the columns that a move can change. */
export async function updatePaymentAttempt(sql: Sql, attempt: PaymentAttempt): Promise<void> {
  await sql.run(UPDATE, ATTEMPT.valuesOf(['bucket', 'id', ...CHANGING], attempt))
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

/** Claims an attempt with a due query. Undefined: there is none. */
export async function claimPaymentAttempt(
  engine: Engine,
  nowMs: number,
  leaseMs: number,
): Promise<PaymentAttempt | undefined> {
  const row = await claimDue(engine, 'payment_attempts', ATTEMPT.list(), { nowMs, leaseMs })
  return row && attemptFrom(row)
}

/**
 * Writes the query that finds an account's attempts by a text, and adds its parameters. Each part uses its own
 * index: one condition with `or` would read every payment of the account.
 */
function foundBy(
  { params }: Conditions,
  accountId: AccountId,
  text: string,
  id: PaymentAttemptId | undefined,
): string {
  const value = (given: SqlValue) => `$${params.push(given)}`
  const account = value(Number(accountId))
  const searchText = value(text)
  const parts = [
    `select bucket, id from payment_attempts
     where account_id = ${account} and customer_email = ${searchText}`,
    `select bucket, id from payment_attempts
     where account_id = ${account} and customer_phone = ${searchText}`,
    `select p.bucket, p.id from payment_sessions s
       join payment_attempts p on p.bucket = s.bucket and p.payment_session_id = s.id
     where ${withFilter('s.account_id')} = ${account} and s.reference_number = ${searchText}`,
  ]
  if (id !== undefined) {
    parts.push(
      `select bucket, id from payment_attempts
       where bucket = ${value(bucketOf(id))} and id = ${value(Number(id))}`,
    )
  }
  return parts.join(' union ')
}

/** Lists an account's attempts, newest first, and counts all matches. */
export async function listPayments(
  sql: Sql,
  accountId: AccountId,
  filter: PaymentFilter,
  page: Page,
): Promise<Listed<PaymentAttempt>> {
  const conditions = createConditions()
  const { add } = conditions
  const { searchText, searchId } = filter
  // With or without statistics, the database starts with the few found rows.
  const from =
    searchText === undefined
      ? 'from payment_attempts a'
      : `from (${foundBy(conditions, accountId, searchText, searchId)}) f cross join payment_attempts a`
  if (searchText !== undefined) add('a.bucket = f.bucket and a.id = f.id')
  const isByMethod = filter.method !== undefined
  add(`${isByMethod ? withFilter('a.account_id') : 'a.account_id'} = ?`, Number(accountId))
  if (filter.status === 'refunded') add("(a.status = 'refunded' or a.refunded_minor > 0)")
  else if (filter.status !== undefined) add('a.status = ? and a.refunded_minor = 0', filter.status)
  if (filter.method !== undefined) add('a.payment_method = ?', filter.method)
  addTimes(conditions, 'a.created_at_ms', filter)
  const { rows, total } = await readListPage(
    sql,
    { select: `select ${ATTEMPT.list('a')}`, from, order: 'a.created_at_ms desc, a.id desc' },
    conditions,
    page,
  )
  return { items: rows.map(attemptFrom), total }
}

/** Makes a store's functions for payment attempts. */
export const paymentAttemptsOf = ({
  engine,
  read,
  readLong,
}: StoreContext): Store['paymentAttempts'] => ({
  find: (id) => findPaymentAttempt(read, id),
  listBySession: (sessionId) => listPaymentAttempts(read, sessionId),
  list: (accountId, filter, page) => listPayments(readLong, accountId, filter, page),
  claim: (nowMs, leaseMs) => claimPaymentAttempt(engine, nowMs, leaseMs),
})

/** Makes a transaction's functions for payment attempts. */
export const paymentAttemptsIn = ({ sql }: TransactionContext): Transaction['paymentAttempts'] => ({
  find: (id) => findPaymentAttempt(sql, id),
  listBySession: (sessionId) => listPaymentAttempts(sql, sessionId),
  insert: (attempt) => insertPaymentAttempt(sql, attempt),
  update: (attempt) => updatePaymentAttempt(sql, attempt),
})
