import {
  REFUND_FAILURE_REASONS,
  REFUND_REASONS,
  REFUND_STATUSES,
  REFUND_TYPES,
} from '../../domain/refund.ts'
import { MetaData, MetaDataOut } from '../meta-data-fields.ts'
import { PageContext, pageQuery } from '../page-schemas.ts'
import { amountIn, amountOut, envelope, idOut, paragraph, secondsOut } from '../schemas.ts'
import { Type } from '../type.ts'

/**
 * The body of a refund request. The real API also requires `reason` and `type`, and its libraries' examples send `full`
 * as a type. Source: Zoho Payments API reference, refunds page (seen 2026-11-22).
 */
export const RefundCreateBody = Type.Object(
  {
    amount: amountIn(
      'The amount to refund, in major units: at most the part of the payment that is neither refunded nor disputed.',
    ),
    reason: Type.Optional(
      Type.Enum([...REFUND_REASONS], {
        default: 'others',
        description: 'The reason for the refund.',
      }),
    ),
    type: Type.Optional(
      Type.Enum([...REFUND_TYPES, 'full'], {
        default: 'initiated_by_merchant',
        description:
          'The party that requests the refund. The value `full` means `initiated_by_merchant`.',
      }),
    ),
    description: Type.Optional(paragraph(500)),
    meta_data: Type.Optional(MetaData),
  },
  {
    title: 'RefundCreate',
    examples: [{ amount: 500, reason: 'requested_by_customer', description: 'One lamp returned' }],
  },
)

const Refund = Type.Object({
  refund_id: idOut,
  payment_id: idOut,
  amount: amountOut('The amount of the refund.'),
  default_currency_amount: Type.Optional(
    amountOut(
      'The amount of the refund in USD, the default currency of the US edition. Only for refunds in USD.',
    ),
  ),
  type: Type.Enum([...REFUND_TYPES, 'initiated_by_system'], {
    description:
      '`initiated_by_system`: the payment succeeded too late and is refunded in full, or a bank took its transfer back.',
  }),
  reason: Type.Enum([...REFUND_REASONS, 'system_initiated']),
  description: Type.Optional(Type.String()),
  status: Type.Enum([...REFUND_STATUSES], {
    description: '`succeeded` and `failed` are final. After a failure, create another refund.',
  }),
  reference_number: Type.String({
    pattern: '^\\d{19}$',
    description:
      'Paydesk’s reference for questions about the refund. It never looks like a card number.',
  }),
  network_reference_number: Type.Optional(
    Type.String({ description: 'The processor’s reference.' }),
  ),
  failure_reason: Type.Enum(['', ...REFUND_FAILURE_REASONS], {
    description: 'The reason for a failure. Empty otherwise.',
  }),
  date: secondsOut('The time of the request.'),
  meta_data: Type.Optional(MetaDataOut),
})

/** The answer to a refund request and to a retrieve request. */
export const RefundAnswer = envelope('refund', Refund)

/** The query of a list request. */
export const RefundListQuery = Type.Object(pageQuery)

/** The answer to a list request. The real API has no list of refunds. */
export const ListRefundsAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  refunds: Type.Array(Refund),
  page_context: PageContext,
})
