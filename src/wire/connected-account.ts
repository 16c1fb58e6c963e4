import type { ConnectedAccount } from '../operations/records.ts'

/**
 * The connected account object. Nobody underwrites it here and no money is paid out, so its states are
 * always the same.
 *
 * Source: Zoho Payments API reference, connected accounts page IN (seen 2026-11-22).
 */
export function connectedAccountFields({ createdAtMs, details, id, name }: ConnectedAccount) {
  const { bankAccount } = details
  return {
    connected_account_id: id,
    account_name: name,
    email_id: details.email,
    mcc: details.mcc,
    business_description: details.businessDescription,
    under_writing_status: 'approved',
    transfer_status: 'enabled',
    payout_status: 'disabled',
    connected_account_bank_accounts:
      bankAccount === undefined
        ? []
        : [
            {
              last_four_digits: bankAccount.lastFourDigits,
              routing_number: bankAccount.routingNumber,
            },
          ],
    created_time: Math.floor(createdAtMs / 1000),
  }
}
