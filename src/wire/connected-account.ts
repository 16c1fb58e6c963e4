import { statementDescriptorOf } from '../domain/account.ts'
import { CONNECTED_PAYOUT_DELAY_DAYS } from '../domain/business-day.ts'
import type { ConnectedAccount } from '../domain/records.ts'
import type { Mode } from '../domain/scope.ts'

/**
 * Makes the connected account object. Paydesk checks no documents, so the states are always the same. A sandbox makes
 * payouts; in live mode the acquirer does. A connected account has at most one bank account, which has the id of the
 * connected account. A connected account has no users: its creator is the merchant, by name.
 *
 * Source: Zoho Payments API reference, connected accounts page IN (seen 2026-11-22), and the model in the official
 * .NET SDK 1.0.1.
 */
export function connectedAccountFields(
  { createdAtMs, details, id, name }: ConnectedAccount,
  merchant: { readonly name: string },
  mode: Mode,
) {
  const { bankAccount } = details
  const createdAt = Math.floor(createdAtMs / 1000)
  const edits = {
    created_by: merchant.name,
    last_modified_by: merchant.name,
    created_time: createdAt,
    last_modified_time: createdAt,
  }
  return {
    connected_account_id: id,
    account_name: name,
    email_id: details.email,
    pan: '',
    mcc: details.mcc,
    business_description: details.businessDescription,
    under_writing_status: 'approved',
    transfer_status: 'enabled',
    payout_status: mode === 'sandbox' ? 'enabled' : 'disabled',
    payout_delay_days: mode === 'sandbox' ? CONNECTED_PAYOUT_DELAY_DAYS : 0,
    payout_statement_descriptor: mode === 'sandbox' ? statementDescriptorOf({ name }) : '',
    statement_descriptor_restricted_chars: '',
    connected_account_bank_accounts:
      bankAccount === undefined
        ? []
        : [
            {
              connected_account_bank_account_id: id,
              currency: 'INR',
              last_four_digits: bankAccount.lastFourDigits,
              routing_number: bankAccount.routingNumber,
              ...edits,
            },
          ],
    ...edits,
  }
}
