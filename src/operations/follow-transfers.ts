import type { BankTransfer } from '../domain/bank-transfer.ts'
import type { Processor } from '../processors/processor.ts'
import type { VirtualAccounts } from '../processors/virtual-accounts.ts'
import type { MoveDeps } from './apply-move.ts'
import { readFeed } from './read-feed.ts'
import { receiveTransfer } from './receive-transfer.ts'
import type { Store } from './store.ts'

/** The time between a failed call to a processor and the next try, in milliseconds. */
export const REPEAT_CALL_MS = 60_000

type FollowDeps = MoveDeps & {
  readonly store: Pick<
    Store,
    'transaction' | 'publicIds' | 'virtualAccounts' | 'customers' | 'processorFeeds'
  >
  /** Guarded (`guardProcessor`). */
  readonly processor: Pick<Processor, 'virtualAccounts'>
  readonly onTrouble: (trouble: string) => void
}

/**
 * Reads the next page of transfers to virtual accounts, and makes a payment for each. Returns the result of `readFeed`.
 */
export function followTransfers(deps: FollowDeps): Promise<number | undefined> {
  const { virtualAccounts } = deps.processor
  if (virtualAccounts === undefined) return Promise.resolve(undefined)
  return readFeed(deps, {
    name: 'transfers',
    list: virtualAccounts.listTransfers,
    record: async ({ amount, virtualAccountId, ...transfer }) => {
      const receipt = await receiveTransfer(deps, virtualAccountId, {
        ...transfer,
        amountMinor: amount.amountMinor,
        isReported: true,
      })
      if (receipt !== undefined) return true
      deps.onTrouble(`transfer ${transfer.utr}: there is no virtual account ${virtualAccountId}`)
      return false
    },
  })
}

/** The wait until another process repeats a call whose process has died, in milliseconds. It is longer than a call. */
const LEASE_MS = 90_000

type CloseDeps = {
  readonly clock: { readonly nowMs: () => number }
  readonly store: Pick<Store, 'transaction' | 'virtualAccounts' | 'paymentAttempts'>
  readonly processor: Pick<Processor, 'virtualAccounts'>
}

/**
 * Sends the processor the decision about one transfer. Returns its payment's id; undefined: none is
 * due.
 */
export async function sendDecision({
  clock,
  processor: { virtualAccounts },
  store,
}: CloseDeps): Promise<BankTransfer['id'] | undefined> {
  const nowMs = clock.nowMs()
  const due = virtualAccounts && (await store.virtualAccounts.findToDecide(nowMs))
  if (due === undefined || virtualAccounts === undefined) return undefined
  const move = (transfer: BankTransfer, toMs: number | undefined) =>
    store.transaction((tx) => tx.virtualAccounts.moveDecision(transfer, toMs))
  const claim = { ...due, decisionDueAtMs: nowMs + LEASE_MS }
  if (!(await move(due, claim.decisionDueAtMs))) return due.id
  const { kind } = await virtualAccounts.decideTransfer({
    virtualAccountId: due.virtualAccountId,
    utr: due.utr,
    attemptId: due.id,
    decision: due.status === 'failed' ? 'returned' : 'accepted',
  })
  await move(claim, kind === 'recorded' ? undefined : clock.nowMs() + REPEAT_CALL_MS)
  return due.id
}

/** Tells the processor to close one virtual account. Returns its id; undefined: none is due. */
export async function closeAtProcessorNext({
  clock,
  processor: { virtualAccounts },
  store,
}: CloseDeps): Promise<Parameters<VirtualAccounts['close']>[0] | undefined> {
  const nowMs = clock.nowMs()
  const due = virtualAccounts && (await store.virtualAccounts.findToClose(nowMs))
  if (due === undefined || virtualAccounts === undefined) return undefined
  const claim = { ...due, closeDueAtMs: nowMs + LEASE_MS }
  const move = (account: typeof due, toMs: number | undefined) =>
    store.transaction((tx) => tx.virtualAccounts.moveClose(account, toMs))
  if (!(await move(due, claim.closeDueAtMs))) return due.id
  const { kind } = await virtualAccounts.close(due.id)
  await move(claim, kind === 'closed' ? undefined : clock.nowMs() + REPEAT_CALL_MS)
  return due.id
}
