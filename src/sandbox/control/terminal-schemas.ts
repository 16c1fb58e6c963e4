import { RetrievePaymentAnswer } from '../../api/payments/schemas.ts'
import { amountOut, currencyText, envelope, idOut, secondsOut } from '../../api/schemas.ts'
import { Type } from '../../api/type.ts'
import { DECLINE_CODES } from '../../domain/payment-attempt.ts'
import { TERMINAL_METHODS } from '../../domain/terminal.ts'

/** The results of a customer's try at a terminal. `abandoned`: the customer leaves without paying. */
export const TERMINAL_OUTCOMES = ['succeeded', 'failed', 'abandoned'] as const

/** A terminal with its open sessions. */
export const TerminalAnswer = envelope(
  'terminal',
  Type.Object({
    terminal_id: Type.String(),
    page_url: Type.String({ description: 'The page that shows the terminal.' }),
    state: Type.String({
      description:
        'An opaque text. It changes when an open session appears, ends, or gets another attempt.',
    }),
    payments_sessions: Type.Array(
      Type.Object({
        payments_session_id: idOut,
        account_id: Type.String(),
        merchant_name: Type.String(),
        currency: currencyText(),
        amount: amountOut('The amount to pay.'),
        description: Type.Optional(Type.String()),
        invoice_number: Type.Optional(Type.String()),
        methods: Type.Array(Type.Enum([...TERMINAL_METHODS])),
        attempts_left: Type.Integer(),
        expiry_time: secondsOut('The expiry time of the session.'),
        seconds_left: Type.Integer({ description: 'By the sandbox’s clock.' }),
      }),
      { description: 'The sessions that can be paid now, newest first.' },
    ),
  }),
)
/** The body of a customer's payment at a terminal. */
export const TerminalPayBody = Type.Object(
  {
    payments_session_id: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,16}$',
        description: 'Default: the newest open session of the terminal.',
      }),
    ),
    method: Type.Optional(
      Type.Enum([...TERMINAL_METHODS], {
        description: 'Default: the first method that the terminal offers.',
      }),
    ),
    outcome: Type.Optional(
      Type.Enum([...TERMINAL_OUTCOMES], {
        description: 'Default: `succeeded`. `abandoned`: the customer leaves without paying.',
      }),
    ),
    decline_code: Type.Optional(
      Type.Enum([...DECLINE_CODES], { description: 'Only with the outcome `failed`.' }),
    ),
  },
  { examples: [{ method: 'card', outcome: 'failed', decline_code: 'insufficient_funds' }] },
)
/** The payment, as the API returns it. */
export const TerminalPaymentAnswer = RetrievePaymentAnswer
