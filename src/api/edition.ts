import type { Account } from '../domain/account.ts'
import type { Edition } from '../domain/payment-method.ts'
import { ApiError } from './errors.ts'

/** Throws ApiError if the operation exists only for accounts of another edition. */
export function requireEdition(account: Pick<Account, 'edition'>, edition: Edition): void {
  if (account.edition === edition) return
  throw new ApiError(
    'edition_lacks_operation',
    undefined,
    `This operation does not exist for accounts of the ${account.edition} edition.`,
  )
}
