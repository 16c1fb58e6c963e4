import type { AccountId } from '../../domain/id.ts'
import { TRANSFER_COUNT_MAX } from '../connected-accounts/read-connected-accounts.ts'
import { listSpans } from '../list-spans.ts'
import { PageContext, pageQuery } from '../page-schemas.ts'
import { parsedAs } from '../parsed.ts'
import {
  amountIn,
  amountOut,
  currencyText,
  dayIn,
  envelope,
  idIn,
  idOut,
  paragraph,
  SPAN_DAYS_OF_ACCOUNT,
  searchText,
} from '../schemas.ts'
import { Type } from '../type.ts'

/** The body of a transfer request. Source: Zoho Payments API reference, transfers page IN (seen 2026-11-22). */
export const TransferCreateBody = Type.Object(
  {
    payment_id: idIn('a payment'),
    transfer_split: Type.Array(
      Type.Object({
        connected_account_id: parsedAs<AccountId>()(idIn('a connected account')),
        amount: amountIn('The part of the payment for the connected account.'),
        description: Type.Optional(paragraph(500)),
      }),
      {
        minItems: 1,
        maxItems: TRANSFER_COUNT_MAX,
        description:
          'The transfers, made in this order. Each succeeds if enough of the payment is left.',
      },
    ),
  },
  {
    title: 'TransferCreate',
    examples: [
      {
        payment_id: '6264512932387892',
        transfer_split: [{ connected_account_id: '23137557', amount: 500, description: 'Seller' }],
      },
    ],
  },
)

/** The body of a reversal request. */
export const TransferReversalCreateBody = Type.Object(
  {
    transfer_id: idIn('a transfer'),
    reversal_amount: amountIn(
      'The amount to reverse: at most the part of the transfer that is not reversed.',
    ),
    description: Type.Optional(paragraph(500)),
  },
  {
    title: 'TransferReversalCreate',
    examples: [{ transfer_id: '6264512932387892', reversal_amount: 500 }],
  },
)

const TRANSFER_STATUSES = ['success', 'failed', 'initiated'] as const
/** The words for each status in a list's query: plain, or with the prefix of the real API's lists. */
const STATUS_WORDS = {
  success: ['success', 'succeeded', 'Status.Success', 'Status.Succeeded'],
  failed: ['failed', 'Status.Failed'],
  initiated: ['initiated', 'Status.Initiated'],
} as const
/** The words that find existing transfers. Other words find nothing. */
export const MADE_WORDS: readonly string[] = STATUS_WORDS.success
const SORT_ORDERS = ['A', 'D', 'ascending', 'descending'] as const

const idFilter = (description: string, what: string) =>
  Type.Optional(
    Type.String({
      pattern: '^[1-9]\\d{0,15}$',
      description,
      'x-expected': `the id of ${what}, in digits`,
    }),
  )
const filters = {
  search_text: Type.Optional(
    searchText('The complete id of a transfer, a payment or a connected account.'),
  ),
  filter_by: Type.Optional(
    Type.Enum(listSpans('TransferDate'), {
      description: `Only rows that were created in this span of days. ${SPAN_DAYS_OF_ACCOUNT} Paydesk extension, modeled on the list of payments.`,
    }),
  ),
  from_date: Type.Optional(
    dayIn(
      'The first day, included. Required with TransferDate.CustomDate, ignored with other spans.',
    ),
  ),
  to_date: Type.Optional(
    dayIn(
      'The last day, included. Required with TransferDate.CustomDate, ignored with other spans.',
    ),
  ),
  sort_column: Type.Optional(Type.Enum(['created_time'])),
  sort_order: Type.Optional(
    Type.Enum([...SORT_ORDERS], {
      default: 'D',
      description: '`A` and `ascending`: oldest first. `D` and `descending`: newest first.',
    }),
  ),
  ...pageQuery,
}
const statusFilter = Type.Optional(
  Type.Enum(
    TRANSFER_STATUSES.flatMap((word) => STATUS_WORDS[word]),
    { description: 'Transfers and reversals are `success` at once. Other statuses find nothing.' },
  ),
)

/** The query of a list of transfers. */
export const TransferListQuery = Type.Object({
  status: statusFilter,
  payment_id: idFilter('Only transfers of this payment.', 'a payment'),
  connected_account_id: idFilter(
    'Only transfers to this connected account.',
    'a connected account',
  ),
  ...filters,
})

/** The query of a list of reversals. */
export const TransferReversalListQuery = Type.Object({
  status: statusFilter,
  payment_id: idFilter('Only reversals of transfers of this payment.', 'a payment'),
  connected_account_id: idFilter(
    'Only reversals of transfers to this connected account.',
    'a connected account',
  ),
  transfer_id: idFilter('Only reversals of this transfer.', 'a transfer'),
  refund_id: idFilter(
    'Only reversals by this refund. Refunds reverse no transfers, so the list is empty.',
    'a refund',
  ),
  ...filters,
  search_text: Type.Optional(
    searchText('The complete id of a reversal, a transfer, a payment or a connected account.'),
  ),
})

const millisecondsOut = (description: string) =>
  Type.String({
    pattern: '^\\d{1,16}$',
    description: `${description} Milliseconds since 1970, as a text.`,
  })
const noFee = amountOut('Always zero: transfers have no fee.')

const split = {
  connected_account_id: idOut,
  currency: currencyText(),
  transfer_amount: amountOut('The requested amount.'),
  net_transfer_amount: amountOut('The amount that the connected account received.'),
  fee_amount: noFee,
  fee_tax_amount: noFee,
}

const SplitFields = {
  splits: Type.Array(
    Type.Union([
      Type.Object({ transfer_id: idOut, ...split, status: Type.Literal('success') }),
      Type.Object({
        ...split,
        status: Type.Literal('failed'),
        error_code: Type.Enum(['exceeds_payment_amount', 'payment_not_captured']),
        message: Type.String({
          description: 'The reason for the failure, with the amount that can still be transferred.',
        }),
      }),
    ]),
    { description: 'In the order of the request.' },
  ),
  status: Type.Enum(['success', 'partial_success', 'failed'], {
    description: 'The result of the request: all, some or none of the transfers were made.',
  }),
}

/**
 * The answer to a transfer request. Its status is 201 even if no transfer was made. Source: the official .NET SDK 1.0.1
 * reads `data.transfers`, other official SDKs read `data`.
 */
export const CreateTransfersAnswer = envelope(
  'data',
  Type.Object({
    ...SplitFields,
    transfers: Type.Object(SplitFields, {
      description: 'A copy of the answer for the official .NET SDK, which reads it here.',
    }),
  }),
)

const transfer = {
  transfer_id: idOut,
  payment_id: idOut,
  total_amount: amountOut('The transferred amount.'),
  net_amount: amountOut('The same as `total_amount`: transfers have no fee.'),
  fee_amount: noFee,
  fee_rate: Type.String({ description: 'In percent. Always 0.00.' }),
  fee_tax_amount: noFee,
  fee_tax_rate: Type.String({ description: 'In percent. Always 0.00.' }),
  connected_account_id: idOut,
  connected_account_name: Type.String(),
  description: Type.Optional(Type.String()),
  currency: currencyText(),
  status: Type.Literal('success'),
  reversed_amount: amountOut('The reversed amount.'),
  available_amount_for_reversal: amountOut('The amount that can still be reversed.'),
  created_time: millisecondsOut('The time of creation.'),
}

/** The maximum number of reversals in the answer for one transfer. */
export const SHOWN_REVERSAL_COUNT_MAX = 200

/** The answer to a retrieve request of a transfer. */
export const RetrieveTransferAnswer = envelope(
  'transfer_details',
  Type.Object({
    ...transfer,
    reversals: Type.Array(
      Type.Object({
        reversal_id: idOut,
        total_amount: amountOut('The reversed amount.'),
        net_amount: amountOut('The same as `total_amount`.'),
        fee_amount: noFee,
        description: Type.Optional(Type.String()),
        status: Type.Literal('success'),
        created_time: millisecondsOut('The time of the reversal.'),
      }),
      {
        description: `Newest first, at most ${SHOWN_REVERSAL_COUNT_MAX}. The list of reversals has all.`,
      },
    ),
    payment_details: Type.Object({
      amount: amountOut('The requested amount.'),
      currency: currencyText(),
      payment_date: millisecondsOut('The time of the payment.'),
      status: Type.String({ description: 'The status of the payment.' }),
    }),
  }),
)

/** The answer to a list request of transfers. */
export const ListTransfersAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  transfers: Type.Array(Type.Object(transfer)),
  page_context: PageContext,
})

const NewReversal = Type.Object({
  transfer_reversal_id: idOut,
  transfer_id: idOut,
  transfer_reversal_amount: amountOut('The reversed amount.'),
  connected_account_id: idOut,
  currency: currencyText(),
  status: Type.Literal('success'),
  description: Type.Optional(Type.String()),
  created_time: millisecondsOut('The time of the reversal.'),
})

/**
 * The answer to a reversal request. Source: the official .NET SDK 1.0.1 reads `data.transfer_reversal`, other official
 * SDKs the key beside it.
 */
export const ReverseTransferAnswer = Type.Object({
  ...envelope('transfer_reversal', NewReversal).properties,
  data: Type.Object(
    { transfer_reversal: NewReversal },
    { description: 'A copy of the answer for the official .NET SDK, which reads it here.' },
  ),
})

/** Source: the official .NET SDK 1.0.1, model of reversals. */
const Reversal = Type.Object({
  transfer_reversal_id: idOut,
  transfer_id: idOut,
  payment_id: idOut,
  refund_id: Type.String({ description: 'Always empty: refunds reverse no transfers.' }),
  total_amount: amountOut('The reversed amount.'),
  connected_account_id: idOut,
  connected_account_name: Type.String(),
  status: Type.Literal('success'),
  failure_code: Type.String({
    description: 'Always empty: a reversal succeeds at once or is refused.',
  }),
  description: Type.Optional(Type.String()),
  currency: currencyText(),
  created_time: millisecondsOut('The time of the reversal.'),
})

/** The answer to a retrieve request of a reversal. */
export const RetrieveTransferReversalAnswer = envelope('transfer_reversal_details', Reversal)

/** The answer to a list request of reversals. */
export const ListTransferReversalsAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  transfer_reversals: Type.Array(Reversal),
  page_context: PageContext,
})
