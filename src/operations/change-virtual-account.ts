import type { Clock } from '../domain/clock.ts'
import type { Ids } from '../domain/ids.ts'
import type { Mode } from '../domain/scope.ts'
import {
  changeVirtualAccount,
  closeVirtualAccount,
  type VirtualAccount,
  type VirtualAccountChanges,
  type VirtualAccountRefusal,
  virtualAccountAt,
} from '../domain/virtual-account.ts'
import type { Processor } from '../processors/processor.ts'
import { virtualAccountFields } from '../wire/virtual-account.ts'
import type { Store, Transaction } from './store.ts'
import { writeWebhookEvent } from './write-webhook-event.ts'

/** The dependencies of a change of a virtual account. */
export type VirtualAccountDeps = {
  readonly clock: Clock
  readonly ids: Ids
  readonly mode: Mode
  /**
   * The processor that opened the account number. Undefined, or without the capability: the
   * sandbox's bank opened it.
   */
  readonly processor?: Pick<Processor, 'virtualAccounts'>
}

type ChangeResult = VirtualAccount | { readonly refused: VirtualAccountRefusal }

/** Changes the fields of a virtual account that the transaction has locked. A closed one is refused. */
export async function updateVirtualAccount(
  tx: Transaction,
  { clock }: Pick<VirtualAccountDeps, 'clock'>,
  account: VirtualAccount,
  changes: VirtualAccountChanges,
): Promise<ChangeResult> {
  const result = changeVirtualAccount(account, changes, clock.nowMs())
  if (!('refused' in result)) await tx.virtualAccounts.update(result)
  return result
}

/** Closes a virtual account that the transaction has locked, with its event. A closed one is refused. */
export async function closeLockedVirtualAccount(
  tx: Transaction,
  deps: VirtualAccountDeps,
  account: VirtualAccount,
): Promise<ChangeResult> {
  const result = closeVirtualAccount(account, deps.clock.nowMs())
  if (!('refused' in result)) await recordEnd(tx, deps, result)
  return result
}

const ENDED_COUNT_MAX = 32

/**
 * Records the end of virtual accounts, each with its event. They are already closed by the clock: this stores the
 * status and writes the event, once for each account. Returns their number; undefined: none is due.
 */
export async function endVirtualAccounts(
  deps: VirtualAccountDeps & { readonly store: Pick<Store, 'transaction' | 'virtualAccounts'> },
): Promise<number | undefined> {
  const due = await deps.store.virtualAccounts.listDue(deps.clock.nowMs(), ENDED_COUNT_MAX)
  for (const id of due) {
    await deps.store.transaction(async (tx) => {
      const account = await tx.virtualAccounts.lock(id)
      if (account === undefined || account.status === 'closed') return
      const present = virtualAccountAt(account, deps.clock.nowMs())
      // A transfer may have arrived in the meantime, or the clock was moved back.
      if (present.status === 'closed') await recordEnd(tx, deps, present)
    })
  }
  return due.length === 0 ? undefined : due.length
}

async function recordEnd(
  tx: Transaction,
  deps: VirtualAccountDeps,
  account: VirtualAccount,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  const isOpenElsewhere = deps.processor?.virtualAccounts !== undefined
  await tx.virtualAccounts.update({ ...account, ...(isOpenElsewhere && { closeDueAtMs: nowMs }) })
  await writeWebhookEvent(
    tx,
    deps,
    { accountId: account.accountId, subject: { kind: 'virtual_account', id: account.id } },
    {
      type: 'virtual_account.closed',
      object: { virtual_account: virtualAccountFields(account, nowMs) },
    },
  )
}
