import {
  type AccountId,
  type PaymentAttemptId,
  parseAccountId,
  parseId,
  type TransferId,
} from '../../domain/id.ts'
import type { Currency } from '../../domain/money.ts'
import type { TransferRequest } from '../../operations/make-transfers.ts'
import type { ReversalRequest } from '../../operations/reverse-transfer.ts'
import type { TransferFilter } from '../../operations/store.ts'
import { readConnectedAccount, readId } from '../connected-accounts/read-connected-accounts.ts'
import { LIST_RULES, type ListMoment, readPeriod } from '../list-spans.ts'
import type { ValueOf } from '../parsed.ts'
import { readMoney } from '../read-amount.ts'
import { compileFieldsWith, kindOf, Problem } from '../read-fields.ts'
import type { JsonObject, JsonValue } from '../read-json.ts'
import { type RequestedPage, readPage } from '../read-page.ts'
import {
  MADE_WORDS,
  TransferCreateBody,
  TransferListQuery,
  TransferReversalCreateBody,
  TransferReversalListQuery,
} from './schemas.ts'

/** The object that a body names. Undefined: the account has no such object. */
type RequestObject = { readonly currency: Currency } | undefined

type TransferContext = {
  readonly payment: RequestObject
  /** Those accounts in the request that are connected accounts of the merchant. */
  readonly connectedAccounts: ReadonlySet<AccountId>
}

const unknownObject = (what: string, value: JsonValue) =>
  new Problem(
    `must be the id of a ${what} of this account, but it is ${kindOf(value)}`,
    'resource_does_not_exist',
  )

const readTransferFields = compileFieldsWith<TransferContext>()(TransferCreateBody, {
  payment_id: (id, { payment }) =>
    payment === undefined ? unknownObject('payment', id) : undefined,
  transfer_split: {
    each: {
      fields: {
        connected_account_id: (id, { connectedAccounts }) =>
          readConnectedAccount(id, connectedAccounts),
        amount: (value, { payment }) =>
          payment === undefined
            ? unknownObject('payment', value)
            : readMoney(value, payment.currency),
      },
    },
  },
})

/** Reads the payment's id from an unchecked transfer request. */
export function paymentIdIn(body: JsonValue): PaymentAttemptId | undefined {
  return readId(body, 'payment_id', parseId<PaymentAttemptId>)
}

/** Reads a transfer request's body. Throws ApiError for the first wrong field. */
export function parseTransferCreate(
  body: JsonValue,
  context: TransferContext,
): readonly TransferRequest[] {
  const { transfer_split: splits } = readTransferFields(body, context)
  return splits.map(({ amount, connected_account_id: connectedAccountId, description }) => ({
    connectedAccountId,
    amount,
    ...(description !== undefined && { description }),
  }))
}

const readReversalFields = compileFieldsWith<RequestObject>()(TransferReversalCreateBody, {
  transfer_id: (id, transfer) =>
    transfer === undefined ? unknownObject('transfer', id) : undefined,
  reversal_amount: (value, transfer) =>
    transfer === undefined ? unknownObject('transfer', value) : readMoney(value, transfer.currency),
})

/** Reads the transfer's id from an unchecked reversal request. */
export function transferIdIn(body: JsonValue): TransferId | undefined {
  return readId(body, 'transfer_id', parseId<TransferId>)
}

/** Reads a reversal request's body. Throws ApiError for the first wrong field. */
export function parseReversalCreate(body: JsonValue, transfer: RequestObject): ReversalRequest {
  const { description, reversal_amount: amount } = readReversalFields(body, transfer)
  return { amount, ...(description !== undefined && { description }) }
}

const readTransferQuery = compileFieldsWith<ListMoment>()(
  TransferListQuery,
  LIST_RULES,
  'The query',
)
const readReversalQuery = compileFieldsWith<ListMoment>()(
  TransferReversalListQuery,
  LIST_RULES,
  'The query',
)

type SoughtId = NonNullable<TransferFilter['searchId']>

/** The query of a list. `nothing`: no object can match. */
type ListRequest = { readonly filter: TransferFilter | 'nothing'; readonly page: RequestedPage }

/** Reads the query of a list of transfers. Throws ApiError for the first wrong parameter. */
export function parseTransferList(query: JsonObject, moment: ListMoment): ListRequest {
  const fields = readTransferQuery(query, moment)
  return listRequestFrom(fields, moment, readObjects(fields))
}

/** Reads the query of a list of reversals. Throws ApiError for the first wrong parameter. */
export function parseReversalList(query: JsonObject, moment: ListMoment): ListRequest {
  const fields = readReversalQuery(query, moment)
  // Paydesk's refunds reverse no transfers, so a filter by refund matches nothing.
  const objects = fields.refund_id === undefined ? readObjects(fields) : 'nothing'
  return listRequestFrom(fields, moment, objects)
}

/** Reads the ids in a list's filters. `nothing`: one of them is too large to be one of our ids. */
function readObjects(fields: {
  readonly connected_account_id?: string
  readonly payment_id?: string
  readonly transfer_id?: string
}): TransferFilter | 'nothing' {
  const {
    connected_account_id: connectedAccount,
    payment_id: payment,
    transfer_id: transfer,
  } = fields
  const connectedAccountId =
    connectedAccount === undefined ? undefined : parseAccountId(connectedAccount)
  const paymentAttemptId = payment === undefined ? undefined : parseId<PaymentAttemptId>(payment)
  const transferId = transfer === undefined ? undefined : parseId<TransferId>(transfer)
  const isUnknown =
    (connectedAccount !== undefined && connectedAccountId === undefined) ||
    (payment !== undefined && paymentAttemptId === undefined) ||
    (transfer !== undefined && transferId === undefined)
  if (isUnknown) return 'nothing'
  return {
    ...(connectedAccountId !== undefined && { connectedAccountId }),
    ...(paymentAttemptId !== undefined && { paymentAttemptId }),
    ...(transferId !== undefined && { transferId }),
  }
}

function listRequestFrom(
  fields: Omit<
    ValueOf<typeof TransferListQuery>,
    'connected_account_id' | 'payment_id' | 'transfer_id'
  >,
  moment: ListMoment,
  objects: TransferFilter | 'nothing',
): ListRequest {
  const times = readPeriod(fields, moment)
  const page = readPage(fields)
  const { search_text: text, sort_order: order = 'D', status } = fields
  const searchId = text === undefined ? undefined : parseId<SoughtId>(text)
  const searchAccountId = text === undefined ? undefined : parseAccountId(text)
  // A text that is not an id matches nothing.
  const isNowhere = text !== undefined && searchId === undefined
  if (objects === 'nothing' || isNowhere || (status !== undefined && !MADE_WORDS.includes(status)))
    return { filter: 'nothing', page }
  return {
    page,
    filter: {
      ...objects,
      ...times,
      ...(searchId !== undefined && { searchId }),
      ...(searchAccountId !== undefined && { searchAccountId }),
      isAscending: order === 'A' || order === 'ascending',
    },
  }
}
