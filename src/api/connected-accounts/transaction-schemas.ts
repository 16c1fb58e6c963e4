import { CARD_BRANDS } from '../../domain/card-brand.ts'
import { CARD_FUNDINGS } from '../../domain/instrument.ts'
import { REQUESTED_METHODS } from '../../domain/payment-method.ts'
import { listSpans } from '../list-spans.ts'
import { PageContext, pageQuery } from '../page-schemas.ts'
import { ConnectedTransaction } from '../payouts/schemas.ts'
import { dayIn, SPAN_DAYS_OF_ACCOUNT } from '../schemas.ts'
import { Type } from '../type.ts'

/**
 * The query of a list of a connected account's transactions. Source: models of the official .NET SDK 1.0.1. The prefix
 * of `filter_by` and the values of `sort_column` are Paydesk's.
 */
export const ConnectedTransactionsQuery = Type.Object({
  sort_column: Type.Optional(Type.Enum(['transaction_time'])),
  transaction_type: Type.Optional(
    Type.Enum(['charge', 'refund'], {
      description: '`charge`: a transfer to the connected account. `refund`: its reversal.',
    }),
  ),
  transaction_id: Type.Optional(
    Type.String({
      pattern: '^[1-9]\\d{0,15}$',
      description: 'Only this transfer or reversal.',
      'x-expected': 'the id of a transfer or a reversal, in digits',
    }),
  ),
  filter_by: Type.Optional(
    Type.Enum(listSpans('TransactionDate'), {
      description: `Only transactions in this span of days. ${SPAN_DAYS_OF_ACCOUNT}`,
    }),
  ),
  from_date: Type.Optional(
    dayIn(
      'The first day, included. Required with TransactionDate.CustomDate, ignored with other spans.',
    ),
  ),
  to_date: Type.Optional(
    dayIn(
      'The last day, included. Required with TransactionDate.CustomDate, ignored with other spans.',
    ),
  ),
  payment_method_type: Type.Optional(
    Type.Enum([...REQUESTED_METHODS, 'net_banking'], {
      description: 'The method of the payment that the transfer belongs to.',
    }),
  ),
  card_brand: Type.Optional(Type.Enum([...CARD_BRANDS])),
  card_type: Type.Optional(Type.Enum([...CARD_FUNDINGS])),
  ...pageQuery,
})

/** The answer to a list of a connected account's transactions. */
export const ListConnectedTransactionsAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  transactions: Type.Array(ConnectedTransaction),
  page_context: PageContext,
})
