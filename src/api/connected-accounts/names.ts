import type { AccountId } from '../../domain/id.ts'
import type { Transfer } from '../../domain/transfer.ts'
import type { Store } from '../../operations/store.ts'

/**
 * Reads the connected accounts of transfers, each once. Returns a function that returns the name of a transfer's
 * account. That function throws for a transfer that was not in the list.
 */
export async function namesOf(
  store: Pick<Store, 'connectedAccounts'>,
  accountId: AccountId,
  transfers: readonly Transfer[],
): Promise<(transfer: Transfer) => string> {
  const ids = [...new Set(transfers.map(({ connectedAccountId }) => connectedAccountId))]
  const accounts = await Promise.all(ids.map((id) => store.connectedAccounts.find(accountId, id)))
  const names = new Map(accounts.map((account) => [account?.id, account?.name]))
  return ({ connectedAccountId }) => {
    const name = names.get(connectedAccountId)
    if (name === undefined) throw new Error(`no connected account ${connectedAccountId}`)
    return name
  }
}
