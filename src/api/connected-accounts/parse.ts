import { parseAccountId } from '../../domain/id.ts'
import type { ConnectedAccount, ConnectedAccountFilter } from '../../operations/store.ts'
import { LIST_RULES, type ListMoment, readPeriod } from '../list-spans.ts'
import { compileFields, compileFieldsWith } from '../read-fields.ts'
import type { JsonObject, JsonValue } from '../read-json.ts'
import { type RequestedPage, readPage } from '../read-page.ts'
import { ConnectedAccountCreateBody, ConnectedAccountListQuery } from './schemas.ts'

const readCreateFields = compileFields(ConnectedAccountCreateBody, {})

/**
 * Reads a request to connect an account. The result is stored, so it omits the tax number (PAN) and the bank account's
 * number. Throws ApiError for the first wrong field.
 */
export function parseConnectedAccountCreate(
  body: JsonValue,
): Pick<ConnectedAccount, 'name' | 'details'> {
  const fields = readCreateFields(body, undefined)
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

const readListFields = compileFieldsWith<ListMoment>()(
  ConnectedAccountListQuery,
  LIST_RULES,
  'The query',
)

/**
 * Reads the query of a list. `nothing`: the query names an account that cannot exist. Throws ApiError for the first
 * wrong parameter.
 */
export function parseConnectedAccountList(
  query: JsonObject,
  moment: ListMoment,
): { readonly filter: ConnectedAccountFilter | 'nothing'; readonly page: RequestedPage } {
  const fields = readListFields(query, moment)
  const times = readPeriod(fields, moment)
  const page = readPage(fields)
  const { connected_account_id: text } = fields
  const id = text === undefined ? undefined : parseAccountId(text)
  if (text !== undefined && id === undefined) return { filter: 'nothing', page }
  return { filter: { ...times, ...(id !== undefined && { id }) }, page }
}
