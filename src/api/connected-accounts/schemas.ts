import { Type } from 'typebox'
import { listSpans } from '../list-spans.ts'
import { PageContext, pageQuery } from '../page-schemas.ts'
import { DAYS_OF_ACCOUNT, dayIn, envelope, idOut, line, paragraph, secondsOut } from '../schemas.ts'

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

const edited = {
  created_by: Type.String({ description: 'The merchant’s name: there are no users here.' }),
  last_modified_by: Type.String({ description: 'The merchant’s name.' }),
  created_time: secondsOut('When it was connected.'),
  last_modified_time: secondsOut('The same: it cannot be changed.'),
}

/** Source: model of connected accounts in the official .NET SDK 1.0.1. */
const ConnectedAccount = Type.Object({
  connected_account_id: idOut,
  account_name: Type.String(),
  email_id: Type.Optional(Type.String()),
  pan: Type.String({ description: 'Empty: it is checked for its form, and not kept.' }),
  mcc: Type.Optional(Type.String()),
  business_description: Type.Optional(Type.String()),
  under_writing_status: Type.Literal('approved', { description: 'Nobody is underwritten here.' }),
  transfer_status: Type.Literal('enabled'),
  payout_status: Type.Literal('disabled', {
    description: 'Paydesk makes no payouts: it says what each account has to get.',
  }),
  payout_delay_days: Type.Integer({ description: '0: there are no payouts to wait for.' }),
  payout_statement_descriptor: Type.String({ description: 'Empty: there are no payouts.' }),
  statement_descriptor_restricted_chars: Type.String({
    description: 'Empty: there are no payouts.',
  }),
  connected_account_bank_accounts: Type.Array(
    Type.Object({
      connected_account_bank_account_id: Type.String({
        pattern: '^\\d{1,16}$',
        description: 'The connected account’s own id: it has one bank account.',
      }),
      currency: Type.String(),
      last_four_digits: Type.String(),
      routing_number: Type.String(),
      ...edited,
    }),
  ),
  ...edited,
})

/** The answer to a create request and to a retrieve request. */
export const ConnectedAccountAnswered = envelope('connected_account', ConnectedAccount)

/** The query of a list request. */
export const ConnectedAccountListQuery = Type.Object({
  connected_account_id: Type.Optional(
    Type.String({
      pattern: '^[1-9]\\d{0,15}$',
      description: 'This one.',
      'x-expected': 'the id of a connected account, in digits',
    }),
  ),
  filter_by: Type.Optional(
    Type.Enum(listSpans('Date'), {
      description: `When it was connected, in the account’s calendar. The words are ours, by those of customers. ${DAYS_OF_ACCOUNT}`,
    }),
  ),
  from_date: Type.Optional(dayIn('The first day. Needed with Date.CustomDate.')),
  to_date: Type.Optional(dayIn('The last day. Needed with Date.CustomDate.')),
  ...pageQuery,
})

/** The answer to a list request. */
export const ConnectedAccountsListed = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  connected_accounts: Type.Array(ConnectedAccount),
  page_context: PageContext,
})
