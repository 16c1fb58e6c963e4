import { type AccountId, parseAccountId } from '../../domain/id.ts'
import { decimalText, isObject, kindOf, Problem } from '../read-fields.ts'
import { JsonNumber, type JsonValue } from '../read-json.ts'

/** The maximum number of transfers in one request. */
export const TRANSFER_COUNT_MAX = 20

/** Reads the connected accounts in the transfers of an unchecked body. `name`: the field with the list. */
export function connectedAccountsIn(body: JsonValue, name: string): readonly AccountId[] {
  const details: unknown = isObject(body) ? body[name] : undefined
  if (!Array.isArray(details)) return []
  const ids = details
    .slice(0, TRANSFER_COUNT_MAX)
    .map((detail: JsonValue) => readId(detail, 'connected_account_id', parseAccountId))
  return ids.filter((id) => id !== undefined)
}

/** Reads an id from a field of an unchecked body. Undefined: the field has no possible id. */
export function readId<Id>(
  body: JsonValue,
  name: string,
  parse: (text: string) => Id | undefined,
): Id | undefined {
  const value = isObject(body) ? body[name] : undefined
  const isScalar =
    typeof value === 'string' || typeof value === 'number' || value instanceof JsonNumber
  return isScalar ? parse(decimalText(value)) : undefined
}

/** Reads an id of `connectedIds`. Every other value is a problem. */
export function readConnectedAccount(
  value: string | number | JsonNumber,
  connectedIds: ReadonlySet<AccountId>,
): AccountId | Problem {
  const id = parseAccountId(decimalText(value))
  return id !== undefined && connectedIds.has(id)
    ? id
    : new Problem(
        `must be the id of an account connected to this account, but it is ${kindOf(value)}`,
        'resource_does_not_exist',
      )
}
