import { Type } from 'typebox'
import { TRANSFER_COUNT_MAX } from '../connected-accounts/read-connected-accounts.ts'
import { listSpans } from '../list-spans.ts'
import { PageContext, pageQuery } from '../page-schemas.ts'
import {
  amountIn,
  amountOut,
  DAYS_OF_ACCOUNT,
  dayIn,
  envelope,
  idIn,
  idOut,
  paragraph,
  searchText,
} from '../schemas.ts'

/**
 * The body of a transfer request. Its fields are checked in this order.
 *
 * Source: Zoho Payments API reference, transfers page IN (seen 2026-11-22).
 */
export const TransferCreateBody = Type.Object(
  {
    payment_id: idIn('a payment'),
    transfer_split: Type.Array(
      Type.Object({
        connected_account_id: idIn('a connected account'),
        amount: amountIn('The part of the payment that goes to this account.'),
        description: Type.Optional(paragraph(500)),
      }),
      {
        minItems: 1,
        maxItems: TRANSFER_COUNT_MAX,
        description: 'Made one after the other, each as far as there is something left.',
      },
    ),
  },
  { title: 'TransferCreate' },
)

/** The body of a reversal request. Its fields are checked in this order. */
export const TransferReversalCreateBody = Type.Object(
  {
    transfer_id: idIn('a transfer'),
    reversal_amount: amountIn('What to take back: at most what is left of the transfer.'),
    description: Type.Optional(paragraph(500)),
  },
  { title: 'TransferReversalCreate' },
)

const TRANSFER_STATUSES = ['success', 'failed', 'initiated'] as const
/** The words for each status in a list's query: plain, or with the prefix that lists of the real API have. */
const STATUS_WORDS = {
  success: ['success', 'succeeded', 'Status.Success', 'Status.Succeeded'],
  failed: ['failed', 'Status.Failed'],
  initiated: ['initiated', 'Status.Initiated'],
} as const
/** The words that find what was made. Other words find nothing. */
export const MADE_WORDS: readonly string[] = STATUS_WORDS.success
/** How a list can be sorted. */
export const SORT_ORDERS = ['A', 'D', 'ascending', 'descending'] as const

const idSought = (description: string, what: string) =>
  Type.Optional(
    Type.String({
      pattern: '^[1-9]\\d{0,15}$',
      description,
      'x-expected': `the id of ${what}, in digits`,
    }),
  )
const narrowed = {
  search_text: Type.Optional(
    searchText('The id of a transfer, a payment or a connected account, whole.'),
  ),
  filter_by: Type.Optional(
    Type.Enum(listSpans('TransferDate'), {
      description: `When it was made, in the account’s calendar. The words are ours, by those of payments. ${DAYS_OF_ACCOUNT}`,
    }),
  ),
  from_date: Type.Optional(
    dayIn('The first day. Needed with TransferDate.CustomDate, not read with other spans.'),
  ),
  to_date: Type.Optional(
    dayIn('The last day. Needed with TransferDate.CustomDate, not read with other spans.'),
  ),
  sort_column: Type.Optional(Type.Enum(['created_time'])),
  sort_order: Type.Optional(
    Type.Enum([...SORT_ORDERS], {
      default: 'D',
      description: 'A, ascending: oldest first. D, descending: newest first.',
    }),
  ),
  ...pageQuery,
}
const statusSought = Type.Optional(
  Type.Enum(
    TRANSFER_STATUSES.flatMap((word) => STATUS_WORDS[word]),
    { description: 'All that is made here is `success` at once; the others find nothing.' },
  ),
)

/** The query of a list of transfers. */
export const TransferListQuery = Type.Object({
  status: statusSought,
  payment_id: idSought('Of this payment.', 'a payment'),
  connected_account_id: idSought('To this account.', 'a connected account'),
  ...narrowed,
})

/** The query of a list of reversals. */
export const TransferReversalListQuery = Type.Object({
  status: statusSought,
  payment_id: idSought('Of a transfer of this payment.', 'a payment'),
  connected_account_id: idSought('From this account.', 'a connected account'),
  transfer_id: idSought('Of this transfer.', 'a transfer'),
  refund_id: idSought(
    'Of this refund. No refund takes a transfer back, so none is found.',
    'a refund',
  ),
  ...narrowed,
})

const millisecondsOut = (description: string) =>
  Type.String({
    pattern: '^\\d{1,16}$',
    description: `${description} Milliseconds since 1970, as a text.`,
  })
const noFee = amountOut('Nothing: no fee is taken on transfers.')

const split = {
  connected_account_id: idOut,
  currency: Type.String(),
  transfer_amount: amountOut('What was asked for.'),
  net_transfer_amount: amountOut('What the account has got.'),
  fee_amount: noFee,
  fee_tax_amount: noFee,
}

const SplitsMade = {
  splits: Type.Array(
    Type.Union([
      Type.Object({ transfer_id: idOut, ...split, status: Type.Literal('success') }),
      Type.Object({
        ...split,
        status: Type.Literal('failed'),
        error_code: Type.Enum(['exceeds_payment_amount', 'payment_not_captured']),
        message: Type.String({ description: 'Why it was not made, and what is left.' }),
      }),
    ]),
    { description: 'In the order of the request.' },
  ),
  status: Type.Enum(['success', 'partial_success', 'failed'], {
    description: 'Tells if all, some or none of them were made.',
  }),
}

/**
 * The answer to a transfer request. It is 201 too where none could be made.
 *
 * Source: the official .NET SDK 1.0.1 reads `data.transfers`, other official SDKs read `data`.
 */
export const TransfersMade = envelope(
  'data',
  Type.Object({
    ...SplitsMade,
    transfers: Type.Object(SplitsMade, {
      description: 'The same again, where the official .NET SDK looks for it.',
    }),
  }),
)

const transfer = {
  transfer_id: idOut,
  payment_id: idOut,
  total_amount: amountOut('What was passed on.'),
  net_amount: amountOut('The same, for no fee is taken.'),
  fee_amount: noFee,
  fee_rate: Type.String({ description: 'Percent: 0.00.' }),
  fee_tax_amount: noFee,
  fee_tax_rate: Type.String({ description: 'Percent: 0.00.' }),
  connected_account_id: idOut,
  connected_account_name: Type.String(),
  description: Type.Optional(Type.String()),
  currency: Type.String(),
  status: Type.Literal('success'),
  reversed_amount: amountOut('What was taken back.'),
  available_amount_for_reversal: amountOut('What can still be taken back.'),
  created_time: millisecondsOut('When it was made.'),
}

/** How many reversals a transfer is shown with. */
export const SHOWN_REVERSAL_COUNT_MAX = 200

/** The answer to a retrieve request of a transfer. */
export const TransferRetrieved = envelope(
  'transfer_details',
  Type.Object({
    ...transfer,
    reversals: Type.Array(
      Type.Object({
        reversal_id: idOut,
        total_amount: amountOut('What was taken back.'),
        net_amount: amountOut('The same.'),
        fee_amount: noFee,
        description: Type.Optional(Type.String()),
        status: Type.Literal('success'),
        created_time: millisecondsOut('When it was taken back.'),
      }),
      {
        description: `Newest first, at most ${SHOWN_REVERSAL_COUNT_MAX}; the list of reversals has them all.`,
      },
    ),
    payment_details: Type.Object({
      amount: amountOut('What was to be paid.'),
      currency: Type.String(),
      payment_date: millisecondsOut('When it was paid.'),
      status: Type.String({ description: 'The payment’s.' }),
    }),
  }),
)

/** The answer to a list request of transfers. */
export const TransfersListed = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  transfers: Type.Array(Type.Object(transfer)),
  page_context: PageContext,
})

const ReversalMade = Type.Object({
  transfer_reversal_id: idOut,
  transfer_id: idOut,
  transfer_reversal_amount: amountOut('What was taken back.'),
  connected_account_id: idOut,
  currency: Type.String(),
  status: Type.Literal('success'),
  description: Type.Optional(Type.String()),
  created_time: millisecondsOut('When it was taken back.'),
})

/**
 * The answer to a reversal request.
 *
 * Source: the official .NET SDK 1.0.1 reads `data.transfer_reversal`, other official SDKs the key beside it.
 */
export const TransferReversed = Type.Object({
  ...envelope('transfer_reversal', ReversalMade).properties,
  data: Type.Object(
    { transfer_reversal: ReversalMade },
    { description: 'The same again, where the official .NET SDK looks for it.' },
  ),
})

/** A reversal as it is retrieved and listed. Source: the official .NET SDK 1.0.1, model of reversals. */
const Reversal = Type.Object({
  transfer_reversal_id: idOut,
  transfer_id: idOut,
  payment_id: idOut,
  refund_id: Type.String({ description: 'Empty: no refund takes a transfer back.' }),
  total_amount: amountOut('What was taken back.'),
  connected_account_id: idOut,
  connected_account_name: Type.String(),
  status: Type.Literal('success'),
  failure_code: Type.String({ description: 'Empty: a reversal is made at once, or refused.' }),
  description: Type.Optional(Type.String()),
  currency: Type.String(),
  created_time: millisecondsOut('When it was taken back.'),
})

/** The answer to a retrieve request of a reversal. */
export const TransferReversalRetrieved = envelope('transfer_reversal_details', Reversal)

/** The answer to a list request of reversals. */
export const TransferReversalsListed = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  transfer_reversals: Type.Array(Reversal),
  page_context: PageContext,
})
