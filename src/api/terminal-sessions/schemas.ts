import type { Currency } from '../../domain/money.ts'
import { PAYMENT_ATTEMPT_STATUSES } from '../../domain/payment-attempt.ts'
import { ATTEMPT_COUNT_MAX } from '../../domain/payment-session.ts'
import {
  TERMINAL_METHODS,
  TERMINAL_SESSION_SECONDS,
  TERMINAL_SESSION_STATUSES,
} from '../../domain/terminal.ts'
import { MetaData, MetaDataOut } from '../meta-data-fields.ts'
import { parsedAs } from '../parsed.ts'
import {
  amountIn,
  amountOut,
  currencyText,
  envelope,
  extensibleText,
  idOut,
  line,
  paragraph,
  secondsOut,
} from '../schemas.ts'
import { Type } from '../type.ts'

/**
 * The body of a request for a payment at a terminal. Source: Zoho Payments API reference IN, in-person payments (seen
 * 2026-11-22).
 */
export const TerminalSessionCreateBody = Type.Object(
  {
    type: Type.Optional(
      Type.Literal('pos_payment', {
        description: 'Required at /paymentsessions.',
        'x-expected': 'pos_payment',
      }),
    ),
    amount: amountIn('The amount to collect, in major units: 100.5 is ₹100.50.'),
    currency: parsedAs<Currency>()(
      currencyText({
        description: 'ISO 4217: INR.',
        examples: ['INR'],
        'x-expected': 'an ISO 4217 code in capital letters, such as INR',
      }),
    ),
    terminal_id: Type.String({
      ...line(50, 1),
      description: 'The terminal that shows the amount.',
      examples: ['PDTERM01'],
    }),
    description: Type.Optional(paragraph(500)),
    invoice_number: Type.Optional(line(50)),
    reference_number: Type.Optional(line(50)),
    meta_data: Type.Optional(MetaData),
    payment_method_details: Type.Optional(
      Type.Object({
        type: Type.Optional(
          Type.Enum([...TERMINAL_METHODS], {
            description: 'The only method that the terminal offers. Default: all its methods.',
          }),
        ),
      }),
    ),
    max_retry_count: Type.Optional(
      Type.Integer({
        minimum: ATTEMPT_COUNT_MAX.min,
        maximum: ATTEMPT_COUNT_MAX.max,
        default: ATTEMPT_COUNT_MAX.default,
        description: 'The maximum number of payment attempts, including the first.',
      }),
    ),
  },
  {
    title: 'TerminalSessionCreate',
    examples: [
      {
        type: 'pos_payment',
        amount: 250,
        currency: 'INR',
        terminal_id: 'PDTERM01',
        invoice_number: 'INV-77',
        description: 'Till 2',
      },
    ],
  },
)

const identity = {
  payments_session_id: idOut,
  currency: currencyText(),
  amount: amountOut('With exactly the decimals of the currency.'),
  terminal_id: Type.String(),
  created_time: secondsOut('The time of creation.'),
  payments_session_type: Type.Literal('pos_payment'),
  session_status: Type.Enum([...TERMINAL_SESSION_STATUSES], {
    description: `\`in_progress\` from the start. The session fails when the ${TERMINAL_SESSION_SECONDS} seconds end, when no attempt is left, or when the merchant cancels the session.`,
  }),
}
const echoedFields = {
  invoice_number: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
  meta_data: Type.Optional(MetaDataOut),
  reference_number: Type.Optional(Type.String()),
  expiry_time: secondsOut('The expiry time of the session. Paydesk extension.'),
}

/** The answer to a create request. There is no page, so it has no access key. */
export const CreateTerminalSessionAnswer = envelope(
  'payments_session',
  Type.Object({ ...identity, ...echoedFields }),
)

/** The answer to a retrieve request: the session with its attempts. */
export const RetrieveTerminalSessionAnswer = envelope(
  'payments_session',
  Type.Object({
    ...identity,
    ...echoedFields,
    status: Type.Enum([...TERMINAL_SESSION_STATUSES], {
      description: 'The same as `session_status`.',
    }),
    payments: Type.Array(
      Type.Object({
        payment_id: idOut,
        status: extensibleText(PAYMENT_ATTEMPT_STATUSES),
        created_time: secondsOut('The start of the attempt.'),
      }),
      { description: 'The payment attempts, newest first. A successful one is the first.' },
    ),
  }),
)
