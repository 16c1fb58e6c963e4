import { type AccountId, parseAccountId } from '../../domain/id.ts'
import { decimalText, kindOf, Problem } from '../read-fields.ts'
import { JsonNumber, type JsonObject, type JsonValue } from '../read-json.ts'

/** How many transfers one request can ask for. */
export const TRANSFER_COUNT_MAX = 20

/**
 * Gives the connected accounts that the transfers of a body name, as far as they can be ids. `name`: the
 * field with the list. Nothing of the body has been checked yet.
 */
export function connectedAccountsIn(body: JsonValue, name: string): readonly AccountId[] {
  const details = (body as JsonObject | null)?.[name]
  if (!Array.isArray(details)) return []
  const ids = (details as readonly JsonValue[])
    .slice(0, TRANSFER_COUNT_MAX)
    .map((detail) => idAt((detail as JsonObject | null)?.connected_account_id, parseAccountId))
  return ids.filter((id) => id !== undefined)
}

/** Reads an id from a body of which nothing has been checked: anything can stand there. */
export function idAt<Id>(
  value: JsonValue | undefined,
  parse: (text: string) => Id | undefined,
): Id | undefined {
  const isScalar =
    typeof value === 'string' || typeof value === 'number' || value instanceof JsonNumber
  return isScalar ? parse(decimalText(value)) : undefined
}

/** Reads the id of one of the connected accounts. */
export function readConnectedAccount(
  value: string | number | JsonNumber,
  connected: ReadonlySet<AccountId>,
): AccountId | Problem {
  const id = parseAccountId(decimalText(value))
  return id !== undefined && connected.has(id)
    ? id
    : new Problem(
        `must be the id of an account connected to this account, but it is ${kindOf(value)}`,
        'resource_does_not_exist',
      )
}
