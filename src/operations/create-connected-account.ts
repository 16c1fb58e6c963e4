import type { Clock } from '../domain/clock.ts'
import type { AccountId } from '../domain/id.ts'
import type { Random } from '../domain/random.ts'
import { drawAccountId } from './create-account.ts'
import type { ConnectedAccount, Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'

type ConnectedAccountRequest = Pick<ConnectedAccount, 'name' | 'details'>

/** Connects an account, with a new id of 11 digits. Parts of payments can be transferred to it at once. */
export function createConnectedAccount(
  tx: Transaction,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  accountId: AccountId,
  request: ConnectedAccountRequest,
): Promise<ConnectedAccount> {
  const createdAtMs = clock.nowMs()
  const draw = (): ConnectedAccount => ({
    ...request,
    accountId,
    createdAtMs,
    id: drawAccountId(random),
  })
  return storeWithFreeId(draw, tx.connectedAccounts.insert)
}
