import type { Account } from '../domain/account.ts'
import type { AccountId } from '../domain/id.ts'
import { accountFields } from '../wire/account.ts'
import type { Store } from './store.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

type Deps = AuditDeps & { readonly store: Pick<Store, 'transaction'> }

/** A closed or reopened account. `isChanged` is false if its state was already the same. */
type AccountResult = { readonly account: Account; readonly isChanged: boolean }

/**
 * Closes an account: it accepts no new sessions, payment links, virtual accounts, charges and debits. Customers can still
 * pay its open sessions, and refunds, transfers and webhooks continue. Undefined: there is no such account.
 */
export function closeAccount(deps: Deps, id: AccountId): Promise<AccountResult | undefined> {
  return changeStatus(deps, id, 'account.close')
}

/** Opens a closed account again. Undefined: there is no such account. */
export function reopenAccount(deps: Deps, id: AccountId): Promise<AccountResult | undefined> {
  return changeStatus(deps, id, 'account.reopen')
}

function changeStatus(
  deps: Deps,
  id: AccountId,
  action: 'account.close' | 'account.reopen',
): Promise<AccountResult | undefined> {
  return deps.store.transaction(async (tx) => {
    const account = await tx.accounts.lock(id)
    if (account === undefined) return undefined
    const { closedAtMs, ...open } = account
    const isClosing = action === 'account.close'
    if (isClosing === (closedAtMs !== undefined)) return { account, isChanged: false }
    const after = isClosing ? { ...open, closedAtMs: deps.clock.nowMs() } : open
    await tx.accounts.update(after)
    await writeAuditEntry(tx, deps, {
      action,
      objectId: id,
      before: accountFields(account),
      after: accountFields(after),
    })
    return { account: after, isChanged: true }
  })
}
