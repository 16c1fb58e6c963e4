import { listSpans } from '../list-spans.ts'
import { PageContext, pageQuery } from '../page-schemas.ts'
import {
  currencyText,
  dayIn,
  emailIn,
  envelope,
  extensibleText,
  idOut,
  line,
  paragraph,
  SPAN_DAYS_OF_ACCOUNT,
  secondsOut,
} from '../schemas.ts'
import { Type } from '../type.ts'

/**
 * The body of a request to connect an account. Source: Zoho Payments API reference, connected accounts page IN (seen
 * 2026-11-22).
 */
export const ConnectedAccountCreateBody = Type.Object(
  {
    account_name: line(100, 1),
    email_id: Type.Optional(emailIn),
    pan: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{5}[0-9]{4}[A-Z]$',
        description: 'The Indian tax number. Paydesk checks its format and does not store it.',
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
          description: 'Only the last four digits are stored.',
          'x-expected': 'a text of 6 to 20 digits',
          'x-secret': true,
        }),
      }),
    ),
  },
  {
    title: 'ConnectedAccountCreate',
    examples: [
      {
        account_name: 'Asha’s Lamps',
        email_id: 'asha@example.com',
        connected_account_bank_account: {
          routing_number: 'HDFC0000001',
          account_number: '000123456789',
        },
      },
    ],
  },
)

const editFields = {
  created_by: Type.String({
    description: 'The merchant’s name: Paydesk’s accounts have no users.',
  }),
  last_modified_by: Type.String({ description: 'The merchant’s name.' }),
  created_time: secondsOut('The time of creation.'),
  last_modified_time: secondsOut('The time of creation: connected accounts do not change.'),
}

/** Source: model of connected accounts in the official .NET SDK 1.0.1. */
const ConnectedAccount = Type.Object({
  connected_account_id: idOut,
  account_name: Type.String(),
  email_id: Type.Optional(Type.String()),
  pan: Type.String({ description: 'Always empty: it is not stored.' }),
  mcc: Type.Optional(Type.String()),
  business_description: Type.Optional(Type.String()),
  under_writing_status: Type.Literal('approved', {
    description: 'Always approved: Paydesk does no underwriting.',
  }),
  transfer_status: Type.Literal('enabled'),
  payout_status: extensibleText(['enabled', 'disabled'], {
    description:
      '`enabled` in a sandbox. `disabled` in live mode, in which the acquirer makes the payouts.',
  }),
  payout_delay_days: Type.Integer({
    description: 'The days until a transfer can be paid out. 0 in live mode.',
  }),
  payout_statement_descriptor: Type.String({
    description: 'The text on statements about payouts. Empty in live mode.',
  }),
  statement_descriptor_restricted_chars: Type.String({
    description: 'Always empty: no character is restricted.',
  }),
  connected_account_bank_accounts: Type.Array(
    Type.Object({
      connected_account_bank_account_id: Type.String({
        pattern: '^\\d{1,16}$',
        description:
          'The same as `connected_account_id`: a connected account has one bank account.',
      }),
      currency: currencyText(),
      last_four_digits: Type.String(),
      routing_number: Type.String(),
      ...editFields,
    }),
  ),
  ...editFields,
})

/** The answer to a create request and to a retrieve request. */
export const ConnectedAccountAnswer = envelope('connected_account', ConnectedAccount)

/** The query of a list request. */
export const ConnectedAccountListQuery = Type.Object({
  connected_account_id: Type.Optional(
    Type.String({
      pattern: '^[1-9]\\d{0,15}$',
      description: 'Only the account with this id.',
      'x-expected': 'the id of a connected account, in digits',
    }),
  ),
  filter_by: Type.Optional(
    Type.Enum(listSpans('Date'), {
      description: `Only accounts that were connected in this span of days. ${SPAN_DAYS_OF_ACCOUNT} Paydesk extension, modeled on the list of customers.`,
    }),
  ),
  from_date: Type.Optional(
    dayIn('The first day, included. Required with Date.CustomDate, ignored with other spans.'),
  ),
  to_date: Type.Optional(
    dayIn('The last day, included. Required with Date.CustomDate, ignored with other spans.'),
  ),
  ...pageQuery,
})

/** The answer to a list request. */
export const ListConnectedAccountsAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  connected_accounts: Type.Array(ConnectedAccount),
  page_context: PageContext,
})
