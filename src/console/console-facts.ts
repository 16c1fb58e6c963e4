import {
  mayActFor,
  OPERATOR_PERMISSION_NAMES,
  type OperatorPermission,
  type OperatorRole,
  operatorHas,
} from '../domain/operator.ts'
import type { Edition } from '../domain/payment-method.ts'
import type { SignedIn } from '../operations/operator-session.ts'
import type { Tenant } from '../operations/tenant.ts'
import { consoleTokenOf } from './console-token.ts'

/** The facts that the console's page gets with its HTML. They contain the operator's own permissions only. */
export type OperatorConsoleFacts = {
  readonly token: string
  readonly operator: {
    readonly id: string
    readonly name: string
    readonly email: string
    readonly role: OperatorRole
    readonly permissions: readonly OperatorPermission[]
  }
  readonly accounts: readonly {
    readonly id: string
    readonly name: string
    readonly edition: Edition
    readonly isClosed: boolean
  }[]
}

/** Returns the facts for the page of a signed-in operator. */
export async function consoleFactsOf(
  { keys, store }: Pick<Tenant, 'keys' | 'store'>,
  { operator, session }: SignedIn,
): Promise<OperatorConsoleFacts> {
  const accounts = await store.accounts.list()
  const { email, name, role } = operator
  return {
    token: consoleTokenOf(session.tokenHash, keys),
    operator: {
      id: operator.id,
      name,
      email,
      role,
      permissions: OPERATOR_PERMISSION_NAMES.filter((one) => operatorHas(operator, one)),
    },
    accounts: accounts
      .filter(({ id }) => mayActFor(operator, id))
      .toSorted((one, other) => one.name.localeCompare(other.name))
      .map(({ closedAtMs, edition, id, name: accountName }) => ({
        id,
        name: accountName,
        edition,
        isClosed: closedAtMs !== undefined,
      })),
  }
}
