import type { Account } from '../domain/account.ts'
import { showAccountTime } from '../domain/account-day.ts'
import type { CsvCell } from '../domain/csv.ts'
import type { LedgerPosting } from '../domain/ledger.ts'
import { type Currency, formatMoney } from '../domain/money.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import { PAYOUT_FAILURES, type Payout, totalOf } from '../domain/payout.ts'
import type { Refund } from '../domain/refund.ts'
import type { Transfer } from '../domain/transfer.ts'
import { paymentFields } from '../wire/payment.ts'
import { refundFields } from '../wire/refund.ts'
import type {
  ExportedPayment,
  ListTimes,
  PostingKey,
  RefundKey,
  StepThrough,
  Store,
} from './store.ts'

/** The rows of one step, each with a cell for each column. */
export type ExportedRows = readonly (readonly CsvCell[])[]

/** The columns of an export. */
export type ExportColumns<Item> = {
  readonly columns: readonly string[]
  /** Returns the cells of an item, in the order of the columns. */
  readonly cellsOf: (item: Item, edition: Account['edition']) => readonly CsvCell[]
}

/** One kind of export: its columns, and its rows in steps. */
export type ExportTable<Item> = ExportColumns<Item> & {
  /** Reads an account's rows in the order of their creation. */
  readonly read: (
    store: ExportedStore,
    account: ExportAccount,
    times: ListTimes,
  ) => AsyncGenerator<ExportedRows>
}

/** The parts of `Store` that an export reads. */
export type ExportedStore = Pick<
  Store,
  'paymentAttempts' | 'refunds' | 'transfers' | 'payouts' | 'ledger'
>

type ExportAccount = Pick<Account, 'id' | 'edition'>

/** The number of rows in one step. A larger step takes more memory and is not faster. */
const STEP_ROW_COUNT = 1_000

type Cell<Row> = (row: Row, edition: Account['edition']) => CsvCell

/** Makes the columns of an export from the cell of each column, by its name. */
export function columnsOf<Row>(cellOf: Readonly<Record<string, Cell<Row>>>): ExportColumns<Row> {
  const cells = Object.values(cellOf)
  return {
    columns: Object.keys(cellOf),
    cellsOf: (row, edition) => cells.map((cell) => cell(row, edition)),
  }
}

/**
 * Makes an export from the store's steps. `rowOf` makes the values that the columns show. `keyOf` returns the item after
 * which the next step begins.
 */
function tableOf<Item, Row, Key>(
  cellOf: Readonly<Record<string, Cell<Row>>>,
  {
    keyOf,
    list,
    rowOf,
  }: {
    readonly list: (
      store: ExportedStore,
      accountId: Account['id'],
      step: StepThrough<Key>,
    ) => Promise<readonly Item[]>
    readonly rowOf: (item: Item) => Row
    readonly keyOf: (item: Item) => Key
  },
): ExportTable<Item> {
  const { columns, cellsOf: cellsOfRow } = columnsOf(cellOf)
  const cellsOf: ExportTable<Item>['cellsOf'] = (item, edition) => cellsOfRow(rowOf(item), edition)
  return {
    columns,
    cellsOf,
    read: async function* read(store, { edition, id }, times) {
      let after: Key | undefined
      for (;;) {
        const items = await list(store, id, { times, after, countMax: STEP_ROW_COUNT })
        const last = items.at(-1)
        if (last === undefined) return
        yield items.map((item) => cellsOf(item, edition))
        if (items.length < STEP_ROW_COUNT) return
        after = keyOf(last)
      }
    },
  }
}

/** Makes the cell of an amount in minor units. */
export const minor = (amountMinor: bigint, currency: Currency): CsvCell => ({
  decimal: formatMoney({ amountMinor, currency }),
})

const itself = <Item>(item: Item): Item => item

/**
 * The parts of a payment that an export shows. Of the instrument it shows only the type, the brand of a card and the
 * last four digits.
 */
const PAYMENT_COLUMNS: Readonly<Record<string, Cell<PaymentRow>>> = {
  account_id: ({ attempt }) => attempt.accountId,
  payment_id: ({ attempt }) => attempt.id,
  payments_session_id: ({ attempt }) => attempt.paymentSessionId,
  created_time: ({ attempt }, edition) => showAccountTime(edition, attempt.createdAtMs),
  decided_time: ({ attempt }, edition) =>
    attempt.decidedAtMs === undefined ? undefined : showAccountTime(edition, attempt.decidedAtMs),
  status: ({ fields }) => fields.status,
  currency: ({ fields }) => fields.currency,
  amount: ({ fields }) => ({ decimal: fields.amount }),
  amount_captured: ({ fields }) => ({ decimal: fields.amount_captured }),
  amount_refunded: ({ fields }) => ({ decimal: fields.amount_refunded }),
  fee_amount: ({ fields }) => ({ decimal: fields.fee_amount }),
  net_tax_amount: ({ fields }) => ({ decimal: fields.net_tax_amount }),
  net_amount: ({ fields }) => ({ decimal: fields.net_amount }),
  payment_method: ({ fields }) => fields.payment_method.type,
  card_brand: ({ attempt: { instrument } }) =>
    instrument.type === 'card' ? instrument.brand : undefined,
  last_four_digits: ({ attempt: { instrument } }) =>
    'lastFourDigits' in instrument ? instrument.lastFourDigits : undefined,
  failure_code: ({ attempt }) => attempt.declineCode,
  receipt_email: ({ attempt }) => attempt.customer?.email,
  phone: ({ attempt }) => attempt.customer?.phone,
  reference_number: ({ session }) => session.referenceNumber,
  invoice_number: ({ session }) => session.invoiceNumber,
  transaction_reference_number: ({ attempt }) => attempt.processorReference,
  statement_descriptor: ({ attempt }) => attempt.statementDescriptor,
  description: ({ fields }) => fields.description,
  customer_id: ({ session }) => session.customerId,
  payment_link_id: ({ session }) => session.paymentLinkId,
  virtual_account_id: ({ session }) => session.virtualAccountId,
}

type PaymentRow = ExportedPayment & { readonly fields: ReturnType<typeof paymentFields> }

const paymentRowOf = ({ attempt, session }: ExportedPayment): PaymentRow => ({
  attempt,
  session,
  fields: paymentFields({ attempt, session: { ...session, id: attempt.paymentSessionId } }),
})

const REFUND_COLUMNS: Readonly<Record<string, Cell<RefundRow>>> = {
  account_id: ({ refund }) => refund.accountId,
  refund_id: ({ refund }) => refund.id,
  payment_id: ({ refund }) => refund.paymentAttemptId,
  created_time: ({ refund }, edition) => showAccountTime(edition, refund.createdAtMs),
  decided_time: ({ refund }, edition) =>
    refund.decidedAtMs === undefined ? undefined : showAccountTime(edition, refund.decidedAtMs),
  status: ({ refund }) => refund.status,
  currency: ({ refund }) => refund.amount.currency,
  amount: ({ fields }) => ({ decimal: fields.amount }),
  type: ({ refund }) => refund.type,
  reason: ({ refund }) => refund.reason,
  failure_reason: ({ refund }) => refund.failureReason,
  reference_number: ({ fields }) => fields.reference_number,
  network_reference_number: ({ refund }) => refund.processorReference,
  description: ({ refund }) => refund.description,
}

type RefundRow = { readonly refund: Refund; readonly fields: ReturnType<typeof refundFields> }

const TRANSFER_COLUMNS: Readonly<Record<string, Cell<Transfer>>> = {
  account_id: ({ accountId }) => accountId,
  transfer_id: ({ id }) => id,
  payment_id: ({ paymentAttemptId }) => paymentAttemptId,
  connected_account_id: ({ connectedAccountId }) => connectedAccountId,
  created_time: ({ createdAtMs }, edition) => showAccountTime(edition, createdAtMs),
  currency: ({ amount }) => amount.currency,
  amount: ({ amount }) => minor(amount.amountMinor, amount.currency),
  reversed_amount: ({ amount, reversedMinor }) => minor(reversedMinor, amount.currency),
  description: ({ description }) => description,
}

const PAYOUT_COLUMNS: Readonly<Record<string, Cell<Payout>>> = {
  account_id: ({ accountId }) => accountId,
  payout_id: ({ id }) => id,
  connected_account_id: ({ connectedAccountId }) => connectedAccountId,
  initiated_time: ({ createdAtMs }, edition) => showAccountTime(edition, createdAtMs),
  processed_time: ({ decidedAtMs }, edition) =>
    decidedAtMs === undefined ? undefined : showAccountTime(edition, decidedAtMs),
  status: ({ status }) => status,
  failure_code: ({ failureCode }) => failureCode,
  failure_message: ({ failureCode }) => failureCode && PAYOUT_FAILURES[failureCode],
  currency: ({ amount }) => amount.currency,
  amount: ({ amount }) => minor(amount.amountMinor, amount.currency),
  gross_amount: ({ amount, summary }) => minor(totalOf(summary).amountMinor, amount.currency),
  fee_amount: ({ amount, summary }) => minor(totalOf(summary).feeMinor, amount.currency),
  net_tax_amount: ({ amount, summary }) => minor(totalOf(summary).taxMinor, amount.currency),
  transaction_count: ({ summary }) => String(totalOf(summary).count),
  bank_name: ({ bankAccount }) => bankAccount.bankName,
  last_four_digits: ({ bankAccount }) => bankAccount.lastFourDigits,
  payout_bank_reference_id: ({ bankReference }) => bankReference,
  statement_descriptor: ({ statementDescriptor }) => statementDescriptor,
}

const LEDGER_COLUMNS: Readonly<Record<string, Cell<LedgerPosting>>> = {
  account_id: ({ accountId }) => accountId,
  posted_time: ({ createdAtMs }, edition) => showAccountTime(edition, createdAtMs),
  kind: ({ kind }) => kind,
  source_id: ({ sourceId }) => sourceId,
  payment_id: ({ paymentAttemptId }) => paymentAttemptId,
  debit: ({ debit }) => debit,
  credit: ({ credit }) => credit,
  currency: ({ amount }) => amount.currency,
  amount: ({ amount }) => minor(amount.amountMinor, amount.currency),
}

/** The exports, by the word of the command. */
export const EXPORT_TABLES = {
  payments: tableOf(PAYMENT_COLUMNS, {
    list: (store, accountId, step: StepThrough<PaymentAttempt>) =>
      store.paymentAttempts.listAfter(accountId, step),
    rowOf: paymentRowOf,
    keyOf: ({ attempt }) => attempt,
  }),
  refunds: tableOf(REFUND_COLUMNS, {
    list: (store, accountId, step: StepThrough<RefundKey>) =>
      store.refunds.listAfter(accountId, step),
    rowOf: (refund: Refund) => ({ refund, fields: refundFields(refund) }),
    keyOf: itself,
  }),
  transfers: tableOf(TRANSFER_COLUMNS, {
    list: (store, accountId, step: StepThrough<Transfer>) =>
      store.transfers.listAfter(accountId, step),
    rowOf: itself,
    keyOf: itself,
  }),
  payouts: tableOf(PAYOUT_COLUMNS, {
    list: (store, accountId, step: StepThrough<Payout>) => store.payouts.listAfter(accountId, step),
    rowOf: itself,
    keyOf: itself,
  }),
  ledger: tableOf(LEDGER_COLUMNS, {
    list: (store, accountId, step: StepThrough<PostingKey>) =>
      store.ledger.listAfter(accountId, step),
    rowOf: itself,
    keyOf: itself,
  }),
} as const satisfies Readonly<Record<string, ExportTable<never>>>

/** The word of an export: `payments`. */
export type ExportName = keyof typeof EXPORT_TABLES

/** The words of the exports. */
export const EXPORT_NAMES = Object.keys(EXPORT_TABLES) as readonly ExportName[]
