import type { Account } from '../domain/account.ts'
import type { Clock } from '../domain/clock.ts'
import { BUCKET_COUNT } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import type { Random } from '../domain/random.ts'
import {
  drawVirtualAccountNumber,
  type VirtualAccount,
  type VirtualAccountChanges,
} from '../domain/virtual-account.ts'
import type { Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'

/** The bank code of a sandbox's virtual accounts. */
export const SANDBOX_IFSC = 'PAYD0SANDBX'

/** A merchant's request for a virtual account, checked. */
export type VirtualAccountRequest = VirtualAccountChanges &
  Pick<VirtualAccount, 'description' | 'customerId'>

/** An account number that the processor has opened. */
export type OpenedNumber = Pick<
  VirtualAccount,
  'id' | 'accountNumber' | 'ifscCode' | 'beneficiaryName'
>

type CreateDeps = { readonly clock: Clock; readonly ids: Ids; readonly random: Random }

/** Opens a virtual account with a new number at the sandbox's bank. */
export function createVirtualAccount(
  tx: Pick<Transaction, 'virtualAccounts'>,
  { clock, ids, random }: CreateDeps,
  { id: accountId, name }: Pick<Account, 'id' | 'name'>,
  request: VirtualAccountRequest,
): Promise<VirtualAccount> {
  const nowMs = clock.nowMs()
  const bucket = random.below(BUCKET_COUNT)
  const draw = (): VirtualAccount => ({
    ...request,
    id: ids.virtualAccount(bucket),
    accountId,
    accountNumber: drawVirtualAccountNumber(random),
    ifscCode: SANDBOX_IFSC,
    beneficiaryName: name,
    paidMinor: 0n,
    status: 'active',
    createdAtMs: nowMs,
    changedAtMs: nowMs,
  })
  return storeWithFreeId(draw, tx.virtualAccounts.insert)
}

/**
 * Stores a virtual account with a number that the processor has opened. Undefined: another account has the id or the
 * number, and nothing was stored.
 */
export async function storeOpenedAccount(
  tx: Pick<Transaction, 'virtualAccounts'>,
  { clock }: Pick<CreateDeps, 'clock'>,
  accountId: Account['id'],
  { number, request }: { readonly number: OpenedNumber; readonly request: VirtualAccountRequest },
): Promise<VirtualAccount | undefined> {
  const nowMs = clock.nowMs()
  const account: VirtualAccount = {
    ...request,
    ...number,
    accountId,
    paidMinor: 0n,
    status: 'active',
    createdAtMs: nowMs,
    changedAtMs: nowMs,
  }
  return (await tx.virtualAccounts.insert(account)) ? account : undefined
}
