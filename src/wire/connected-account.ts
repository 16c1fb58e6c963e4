import type { ConnectedAccount } from '../domain/records.ts'

/**
 * Makes the connected account object. Paydesk checks no documents and makes no payouts, so the states are always the
 * same. It has at most one bank account, with the same id. There are no users: the creator is the merchant, by name.
 *
 * Source: Zoho Payments API reference, connected accounts page IN (seen 2026-11-22), and the model in the official
 * .NET SDK 1.0.1.
 */
export function connectedAccountFields(
  { createdAtMs, details, id, name }: ConnectedAccount,
  merchant: { readonly name: string },
) {
  const { bankAccount } = details
  const createdAt = Math.floor(createdAtMs / 1000)
  const edited = {
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
    payout_status: 'disabled',
    payout_delay_days: 0,
    payout_statement_descriptor: '',
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
              ...edited,
            },
          ],
    ...edited,
  }
}
