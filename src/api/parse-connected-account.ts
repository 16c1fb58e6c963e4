import type { Static } from 'typebox'
import type { ConnectedAccount } from '../operations/ports.ts'
import { ConnectedAccountCreateBody } from './connected-account-schemas.ts'
import { compileFields } from './read-fields.ts'
import type { JsonValue } from './read-json.ts'

const readCreateFields = compileFields(ConnectedAccountCreateBody)

/**
 * Reads what is to be kept of a request to connect an account: not the PAN, and not the number of the bank
 * account. Throws ApiError for the first field that is wrong.
 */
export function parseConnectedAccountCreate(
  body: JsonValue,
): Pick<ConnectedAccount, 'name' | 'details'> {
  const fields = readCreateFields(body, undefined) as Static<typeof ConnectedAccountCreateBody>
  const { business_description: businessDescription, email_id: email, mcc } = fields
  const bank = fields.connected_account_bank_account
  return {
    name: fields.account_name,
    details: {
      ...(email !== undefined && { email }),
      ...(mcc !== undefined && { mcc }),
      ...(businessDescription !== undefined && { businessDescription }),
      ...(bank !== undefined && {
        bankAccount: {
          routingNumber: bank.routing_number,
          lastFourDigits: bank.account_number.slice(-4),
        },
      }),
    },
  }
}
