import { Type } from 'typebox'
import { PageContext, pageQuery } from './page-schemas.ts'
import { envelope, idOut, line, paragraph, secondsOut } from './schemas.ts'

/**
 * The body of a request to connect an account. Its fields are checked in this order.
 *
 * Source: Zoho Payments API reference, connected accounts page IN (seen 2026-11-22).
 */
export const ConnectedAccountCreateBody = Type.Object(
  {
    account_name: line(100, 1),
    email_id: Type.Optional(
      Type.String({
        format: 'email',
        maxLength: 254,
        'x-expected': 'an e-mail address, such as asha@example.com',
      }),
    ),
    pan: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{5}[0-9]{4}[A-Z]$',
        description: 'The Indian tax number. Checked for its form, and not kept.',
        'x-expected': 'a PAN: five capital letters, four digits, a capital letter',
        'x-secret': true,
      }),
    ),
    mcc: Type.Optional(
      Type.String({
        pattern: '^[0-9]{4}$',
        description: 'The merchant category code.',
        'x-expected': 'a text of four digits',
      }),
    ),
    business_description: Type.Optional(paragraph(500)),
    connected_account_bank_account: Type.Optional(
      Type.Object({
        routing_number: Type.String({
          pattern: '^[A-Z]{4}0[A-Z0-9]{6}$',
          description: 'The bank’s IFSC.',
          examples: ['HDFC0000001'],
          'x-expected': 'an IFSC of 11 characters, such as HDFC0000001',
        }),
        account_number: Type.String({
          pattern: '^[0-9]{6,20}$',
          description: 'Of this the last four digits are kept.',
          'x-expected': 'a text of 6 to 20 digits',
          'x-secret': true,
        }),
      }),
    ),
  },
  { title: 'ConnectedAccountCreate' },
)

const ConnectedAccount = Type.Object({
  connected_account_id: idOut,
  account_name: Type.String(),
  email_id: Type.Optional(Type.String()),
  mcc: Type.Optional(Type.String()),
  business_description: Type.Optional(Type.String()),
  under_writing_status: Type.Literal('approved', { description: 'Nobody is underwritten here.' }),
  transfer_status: Type.Literal('enabled'),
  payout_status: Type.Literal('disabled', {
    description: 'Paydesk makes no payouts: it says what each account has to get.',
  }),
  connected_account_bank_accounts: Type.Array(
    Type.Object({ last_four_digits: Type.String(), routing_number: Type.String() }),
  ),
  created_time: secondsOut('When it was connected.'),
})

/** The answer to a create request and to a retrieve request. */
export const ConnectedAccountAnswered = envelope('connected_account', ConnectedAccount)

/** The query of a list request. */
export const ConnectedAccountListQuery = Type.Object(pageQuery)

/** The answer to a list request. */
export const ConnectedAccountsListed = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  connected_accounts: Type.Array(ConnectedAccount),
  page_context: PageContext,
})
