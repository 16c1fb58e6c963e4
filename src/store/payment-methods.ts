import {
  bucketOf,
  type CustomerId,
  type PaymentMethodId,
  type PaymentMethodSessionId,
} from '../domain/id.ts'
import type { PaymentMethodSession } from '../domain/payment-method-session.ts'
import { SAVED_METHOD_COUNT_MAX, type SavedPaymentMethod } from '../domain/saved-payment-method.ts'
import type { Store, Transaction } from '../operations/store.ts'
import { claimDue } from './claim.ts'
import {
  columns,
  id,
  json,
  omitUndefined,
  optionalId,
  optionalJson,
  optionalText,
  optionalWhole,
  small,
  text,
  whole,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import { assignParameters } from './engine/statement.ts'

const METHOD = columns<SavedPaymentMethod>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  customer_id: id(({ customerId }) => customerId),
  session_id: optionalId(({ sessionId }) => sessionId),
  source: text(({ source }) => source),
  address_id: id(({ addressId }) => addressId),
  status: text(({ status }) => status),
  instrument_json: json(({ instrument }) => instrument),
  checks_json: optionalJson(({ checks }) => checks),
  address_json: json(({ billingAddress }) => billingAddress),
  token_sealed: optionalText(({ tokenSealed }) => tokenSealed),
  action_json: optionalJson(({ action }) => action),
  decline_code: optionalText(({ declineCode }) => declineCode),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  changed_at_ms: whole(({ changedAtMs }) => changedAtMs),
  ask_at_ms: optionalWhole(({ callAtMs }) => callAtMs),
  asked_count: small(({ callCount }) => callCount),
})
const METHOD_CHANGING = METHOD.names.slice(METHOD.names.indexOf('status'))

function methodFrom(row: Row): SavedPaymentMethod {
  const values = METHOD.read(row)
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    customerId: values.customer_id,
    sessionId: values.session_id,
    source: values.source,
    addressId: values.address_id,
    status: values.status,
    instrument: values.instrument_json,
    checks: values.checks_json,
    billingAddress: values.address_json,
    tokenSealed: values.token_sealed,
    action: values.action_json,
    declineCode: values.decline_code,
    createdAtMs: values.created_at_ms,
    changedAtMs: values.changed_at_ms,
    callAtMs: values.ask_at_ms,
    callCount: values.asked_count,
  })
}

const SESSION = columns<PaymentMethodSession>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  customer_id: id(({ customerId }) => customerId),
  description: optionalText(({ description }) => description),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  status: text(({ status }) => status),
  expires_at_ms: whole(({ expiresAtMs }) => expiresAtMs),
  save_count: small(({ saveCount }) => saveCount),
  method_id: optionalId(({ methodId }) => methodId),
})
const SESSION_CHANGING = SESSION.names.slice(SESSION.names.indexOf('status'))

function sessionFrom(row: Row): PaymentMethodSession {
  const values = SESSION.read(row)
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    customerId: values.customer_id,
    description: values.description,
    createdAtMs: values.created_at_ms,
    status: values.status,
    expiresAtMs: values.expires_at_ms,
    saveCount: values.save_count,
    methodId: values.method_id,
  })
}

async function findMethod(
  sql: Sql,
  id: PaymentMethodId,
  lock = '',
): Promise<SavedPaymentMethod | undefined> {
  const [row] = await sql.all(
    `select ${METHOD.list()} from payment_methods where bucket = $1 and id = $2${lock}`,
    [bucketOf(id), Number(id)],
  )
  return row && methodFrom(row)
}

async function findSession(
  sql: Sql,
  id: PaymentMethodSessionId,
  lock = '',
): Promise<PaymentMethodSession | undefined> {
  const [row] = await sql.all(
    `select ${SESSION.list()} from payment_method_sessions where bucket = $1 and id = $2${lock}`,
    [bucketOf(id), Number(id)],
  )
  return row && sessionFrom(row)
}

/** The condition of the index of counted methods. */
const KEPT_STATUSES = "status in ('saving', 'processing', 'active', 'blocked')"

async function listByCustomer(
  sql: Sql,
  customerId: CustomerId,
): Promise<readonly SavedPaymentMethod[]> {
  const rows = await sql.all(
    `select ${METHOD.list()} from payment_methods
     where bucket = $1 and customer_id = $2 and ${KEPT_STATUSES} and status <> 'saving'
     order by created_at_ms desc, id desc limit $3`,
    [bucketOf(customerId), Number(customerId), SAVED_METHOD_COUNT_MAX],
  )
  return rows.map(methodFrom)
}

/** Makes a store's functions for saved payment methods. */
export const paymentMethodsOf = ({
  engine,
  read,
  readLong,
}: StoreContext): Store['paymentMethods'] => ({
  find: (id) => findMethod(read, id),
  listByCustomer: (id) => listByCustomer(read, id),
  listWithDeleted: async (id) => {
    const rows = await readLong.all(
      `select ${METHOD.list()} from payment_methods where bucket = $1 and customer_id = $2`,
      [bucketOf(id), Number(id)],
    )
    return rows.map(methodFrom)
  },
  claim: async (nowMs, leaseMs) => {
    const row = await claimDue(engine, 'payment_methods', METHOD.list(), { nowMs, leaseMs })
    return row && methodFrom(row)
  },
})

const INSERT_METHOD = `insert into payment_methods ${METHOD.insert()} on conflict do nothing`
const UPDATE_METHOD = `update payment_methods set ${assignParameters(METHOD_CHANGING, 3)}
  where bucket = $1 and id = $2`

/** Makes a transaction's functions for saved payment methods. */
export const paymentMethodsIn = ({
  engine,
  sql,
}: TransactionContext): Transaction['paymentMethods'] => ({
  lock: (id) => findMethod(sql, id, engine.rowLock),
  insert: async (method) => (await sql.run(INSERT_METHOD, METHOD.values(method))) === 1,
  update: async (method) => {
    await sql.run(UPDATE_METHOD, METHOD.valuesOf(['bucket', 'id', ...METHOD_CHANGING], method))
  },
  countByCustomer: async (id) => {
    const [row] = await sql.all(
      `select count(*) as total from payment_methods
       where bucket = $1 and customer_id = $2 and ${KEPT_STATUSES}`,
      [bucketOf(id), Number(id)],
    )
    return Number(row?.total)
  },
  hasOpenPayment: async (id) => {
    const rows = await sql.all(
      `select id from payment_attempts
       where bucket = $1 and saved_method_id = $2 and ask_at_ms is not null limit 1`,
      [bucketOf(id), Number(id)],
    )
    return rows.length > 0
  },
})

/** Makes a store's functions for payment method sessions. */
export const paymentMethodSessionsOf = ({
  read,
}: StoreContext): Store['paymentMethodSessions'] => ({
  find: (id) => findSession(read, id),
})

const INSERT_SESSION = `insert into payment_method_sessions ${SESSION.insert()} on conflict do nothing`
const UPDATE_SESSION = `update payment_method_sessions set ${assignParameters(SESSION_CHANGING, 3)}
  where bucket = $1 and id = $2`

/** Makes a transaction's functions for payment method sessions. */
export const paymentMethodSessionsIn = ({
  engine,
  sql,
}: TransactionContext): Transaction['paymentMethodSessions'] => ({
  lock: (id) => findSession(sql, id, engine.rowLock),
  insert: async (session) => (await sql.run(INSERT_SESSION, SESSION.values(session))) === 1,
  update: async (session) => {
    await sql.run(UPDATE_SESSION, SESSION.valuesOf(['bucket', 'id', ...SESSION_CHANGING], session))
  },
})
