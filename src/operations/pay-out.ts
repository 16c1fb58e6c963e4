import { type Account, payoutScheduleOf, statementDescriptorOf } from '../domain/account.ts'
import type { AccountId } from '../domain/id.ts'
import { postingsFor } from '../domain/ledger.ts'
import {
  type BankAccount,
  decisionAtMs,
  movePayout,
  NO_SUMMARY,
  nextRunAtMs,
  type Payout,
  type PayoutMove,
  type PayoutRefusal,
  referenceAfter,
  referencePrefixOf,
  sandboxBankAccount,
  UNREACHABLE_LAST_FOUR_DIGITS,
  withTransactions,
} from '../domain/payout.ts'
import type { WebhookEventType } from '../domain/webhook-event.ts'
import { payoutRow } from '../wire/payout.ts'
import type { Balance, PayoutRun, Store, Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'
import { type EventDeps, writeWebhookEvent } from './write-webhook-event.ts'

/**
 * The maximum number of balance transactions that one transaction of the database takes or releases. A larger
 * payout takes them in batches, so that other requests do not wait.
 */
export const PAYOUT_BATCH_SIZE = 500

/** The dependencies of payouts. */
export type PayoutDeps = EventDeps & {
  readonly store: Pick<Store, 'accounts' | 'connectedAccounts' | 'payouts' | 'transaction'>
  /** The maximum number of balance transactions of a batch. Undefined: `PAYOUT_BATCH_SIZE`. */
  readonly batchSize?: number
}

/**
 * Does the next due work of payouts in a sandbox: begins the runs of an account, takes a batch of balance transactions,
 * decides about a payout as the bank would, or releases a batch. Each step is one transaction of the database, so the
 * work can be stopped at any point. Returns the id of the payout or the account, or `begun` for a first run. Undefined:
 * nothing was due.
 */
export async function payOutNext(deps: PayoutDeps): Promise<string | undefined> {
  const nowMs = deps.clock.nowMs()
  const { payouts } = deps.store
  const [payout, run, accountId] = await Promise.all([
    payouts.findDue(nowMs),
    payouts.findDueRun(nowMs),
    payouts.findAccountWithoutRun(),
  ])
  if (accountId !== undefined) {
    await beginRuns(deps, accountId)
    return 'begun'
  }
  // The payout or the run that is due earlier comes first: after a stop of several days, a failed payout frees its
  // money for the next run.
  if (payout !== undefined && (payout.nextStepAtMs ?? 0) <= (run?.nextRunAtMs ?? nowMs)) {
    await stepPayout(deps, payout)
    return payout.id
  }
  if (run === undefined) return undefined
  await stepRun(deps, run)
  return run.accountId
}

/** Pays all balances of an account at once, without waiting for its schedule. Returns the new payouts. */
export async function runPayouts(
  deps: PayoutDeps,
  accountId: AccountId,
): Promise<readonly Payout[]> {
  await beginRuns(deps, accountId)
  const atMs = deps.clock.nowMs()
  // This run includes the transactions of a payout that has just failed.
  await finishDue(deps, atMs)
  const newPayouts: Payout[] = []
  for (let after: Balance | undefined; ; ) {
    const balance = await deps.store.payouts.findNextBalance(accountId, after)
    if (balance === undefined) break
    after = balance
    const payout = await payBalance(deps, { accountId, atMs, balance })
    const fullPayout = payout && (await collectAll(deps, payout))
    if (fullPayout?.status === 'initiated') newPayouts.push(fullPayout)
  }
  return newPayouts
}

async function finishDue(deps: PayoutDeps, nowMs: number): Promise<void> {
  for (;;) {
    const due = await deps.store.payouts.findDue(nowMs)
    if (due === undefined) return
    await stepPayout(deps, due)
  }
}

async function collectAll(deps: PayoutDeps, payout: Payout): Promise<Payout | undefined> {
  let current: Payout | undefined = payout
  while (current?.status === 'collecting') {
    await collectNext(deps, current)
    current = await deps.store.payouts.find(payout.id)
  }
  return current
}

/** Records the bank's decision about a payout, when it is due or earlier. Undefined: there is no such payout. */
export async function decidePayout(
  deps: PayoutDeps,
  id: Payout['id'],
  decision: Extract<PayoutMove, { type: 'record_failure' }> | { readonly type: 'record_payment' },
): Promise<Payout | { readonly refused: PayoutRefusal; readonly payout: Payout } | undefined> {
  const storedPayout = await deps.store.payouts.find(id)
  if (storedPayout === undefined) return undefined
  const { edition } = await accountOf(deps, storedPayout.accountId)
  return deps.store.transaction(async (tx) => {
    await tx.payouts.lockRun(storedPayout.accountId)
    const payout = await tx.payouts.lock(id)
    if (payout === undefined) return undefined
    const nowMs = deps.clock.nowMs()
    const move: PayoutMove =
      decision.type === 'record_failure'
        ? decision
        : { ...decision, bankReference: await drawReference(tx, referencePrefixOf(edition, nowMs)) }
    const result = movePayout(payout, move, nowMs)
    if ('refused' in result) return { ...result, payout }
    await writeDecision(tx, deps, result)
    return result
  })
}

async function accountOf(
  { store }: Pick<PayoutDeps, 'store'>,
  accountId: AccountId,
): Promise<Account> {
  const account = await store.accounts.find(accountId)
  if (account === undefined) throw new Error(`there is no account ${accountId}`)
  return account
}

async function beginRuns(deps: PayoutDeps, accountId: AccountId): Promise<void> {
  const account = await accountOf(deps, accountId)
  const nextMs = nextRunAtMs(account.edition, payoutScheduleOf(account), deps.clock.nowMs())
  await deps.store.transaction((tx) => tx.payouts.beginRuns({ accountId, nextRunAtMs: nextMs }))
}

async function stepRun(deps: PayoutDeps, run: PayoutRun): Promise<void> {
  const { accountId, nextRunAtMs: atMs } = run
  const balance = await deps.store.payouts.findNextBalance(accountId, run.after)
  if (balance === undefined) await endRun(deps, run)
  else await payBalance(deps, { accountId, atMs, balance, run })
}

/** Skips days without a payable balance. */
async function endRun(deps: PayoutDeps, run: PayoutRun): Promise<void> {
  const { accountId, nextRunAtMs: fromMs } = run
  const account = await accountOf(deps, accountId)
  const following = (afterMs: number) =>
    nextRunAtMs(account.edition, payoutScheduleOf(account), afterMs)
  const toMs = deps.clock.nowMs()
  const availableMs =
    following(fromMs) > toMs
      ? undefined
      : await deps.store.payouts.findNextAvailableMs(accountId, { fromMs, toMs })
  // A run also takes transactions that become available exactly at its time.
  const nextMs = availableMs === undefined ? Math.max(fromMs, toMs) : availableMs - 1
  await deps.store.transaction(async (tx) => {
    if (!(await lockUnchangedRun(tx, run))) return
    await tx.payouts.updateRun({ accountId, nextRunAtMs: following(Math.max(fromMs, nextMs)) })
  })
}

/** Locks the runs of an account. False: another process has continued the run. */
async function lockUnchangedRun(tx: Transaction, run: PayoutRun): Promise<boolean> {
  const storedRun = await tx.payouts.lockRun(run.accountId)
  return (
    storedRun !== undefined &&
    storedRun.nextRunAtMs === run.nextRunAtMs &&
    storedRun.after?.connectedAccountId === run.after?.connectedAccountId &&
    storedRun.after?.currency === run.after?.currency
  )
}

/** One balance to pay. `run`: the scheduled run that pays it; undefined: a request pays it. */
type BalanceToPay = {
  readonly accountId: AccountId
  readonly balance: Balance
  /** The time of the run: transactions that are available later are not paid. */
  readonly atMs: number
  readonly run?: PayoutRun
}

/**
 * Makes the payout of a balance. A payout of many transactions begins to collect them. Undefined: the sum is not
 * positive, so the balance waits for the next run, or another process was faster.
 */
async function payBalance(
  deps: PayoutDeps,
  { accountId, atMs, balance, run }: BalanceToPay,
): Promise<Payout | undefined> {
  const due = await deps.store.payouts.sumDue(accountId, balance, atMs)
  const facts = await factsOf(deps, accountId, balance)
  const { batchSize = PAYOUT_BATCH_SIZE } = deps
  return deps.store.transaction(async (tx) => {
    if (run === undefined) await tx.payouts.lockRun(accountId)
    else {
      if (!(await lockUnchangedRun(tx, run))) return undefined
      await tx.payouts.updateRun({ ...run, after: balance })
    }
    if (due.netMinor <= 0n) return undefined
    const draw = (): Payout => ({
      ...facts,
      id: deps.ids.payout(),
      accountId,
      ...(balance.connectedAccountId !== undefined && {
        connectedAccountId: balance.connectedAccountId,
      }),
      status: 'collecting',
      amount: { amountMinor: 0n, currency: balance.currency },
      summary: NO_SUMMARY,
      createdAtMs: atMs,
      arrivesAtMs: decisionAtMs(facts.edition, atMs),
      nextStepAtMs: atMs,
    })
    const payout = await storeWithFreeId(draw, tx.payouts.insert)
    return due.count > batchSize ? payout : collectBatch(tx, deps, payout)
  })
}

async function factsOf(deps: PayoutDeps, accountId: AccountId, { connectedAccountId }: Balance) {
  const account = await accountOf(deps, accountId)
  const { edition } = account
  if (connectedAccountId === undefined) {
    const bankAccount: BankAccount = sandboxBankAccount(edition, account.name, account.bankAccount)
    return { edition, bankAccount, statementDescriptor: statementDescriptorOf(account) }
  }
  const connectedAccount = await deps.store.connectedAccounts.find(accountId, connectedAccountId)
  const name = connectedAccount?.name ?? account.name
  return {
    edition,
    bankAccount: sandboxBankAccount(edition, name, connectedAccount?.details.bankAccount),
    statementDescriptor: statementDescriptorOf({ name }),
  }
}

async function stepPayout(deps: PayoutDeps, payout: Payout): Promise<void> {
  if (payout.status === 'collecting') await collectNext(deps, payout)
  else if (payout.status === 'initiated') {
    const isUnreachable = payout.bankAccount.lastFourDigits === UNREACHABLE_LAST_FOUR_DIGITS
    await decidePayout(
      deps,
      payout.id,
      isUnreachable
        ? { type: 'record_failure', failureCode: 'account_closed' }
        : { type: 'record_payment' },
    )
  } else await releaseNext(deps, payout)
}

async function stepUnderLock(
  deps: PayoutDeps,
  { accountId, id }: Pick<Payout, 'accountId' | 'id'>,
  step: (tx: Transaction, payout: Payout) => Promise<unknown>,
): Promise<void> {
  await deps.store.transaction(async (tx) => {
    await tx.payouts.lockRun(accountId)
    const payout = await tx.payouts.lock(id)
    if (payout?.nextStepAtMs !== undefined) await step(tx, payout)
  })
}

const collectNext = (deps: PayoutDeps, payout: Payout): Promise<void> =>
  stepUnderLock(deps, payout, async (tx, current) => {
    if (current.status === 'collecting') await collectBatch(tx, deps, current)
  })

/** The payout is initiated when no free transaction is left. */
async function collectBatch(tx: Transaction, deps: PayoutDeps, payout: Payout): Promise<Payout> {
  const { batchSize = PAYOUT_BATCH_SIZE } = deps
  const transactions = await tx.payouts.take(payout, batchSize)
  const after = withTransactions(payout, transactions)
  if (transactions.length === batchSize) {
    await tx.payouts.update(after)
    return after
  }
  return initiatePayout(tx, deps, after)
}

/**
 * Initiates a payout that has all its transactions, with its posting and event. A payout of the sandbox without a
 * positive sum is abandoned.
 */
export async function initiatePayout(
  tx: Transaction,
  deps: EventDeps,
  payout: Payout,
): Promise<Payout> {
  const result = movePayout(payout, { type: 'initiate' }, deps.clock.nowMs())
  if ('refused' in result)
    throw new Error(`payout ${payout.id} does not have the status collecting`)
  await tx.payouts.update(result)
  if (result.status === 'initiated') {
    const cause = { type: 'payout', payout: result } as const
    await tx.ledger.insert(postingsFor(cause, deps.clock.nowMs()))
    await writePayoutEvent(tx, deps, result)
  }
  return result
}

const releaseNext = (deps: PayoutDeps, payout: Payout): Promise<void> =>
  stepUnderLock(deps, payout, async (tx, current) => {
    const { batchSize = PAYOUT_BATCH_SIZE } = deps
    if ((await tx.payouts.release(current.id, batchSize)) === batchSize) return
    const result = movePayout(current, { type: 'end_release' }, deps.clock.nowMs())
    if (!('refused' in result)) await tx.payouts.update(result)
  })

/** Releases all transactions of a payout that has failed. */
export async function releasePayout(deps: PayoutDeps, id: Payout['id']): Promise<void> {
  for (;;) {
    const payout = await deps.store.payouts.find(id)
    if (payout?.nextStepAtMs === undefined) return
    await releaseNext(deps, payout)
  }
}

const drawReference = async (tx: Transaction, prefix: string): Promise<string> =>
  referenceAfter(prefix, await tx.payouts.findLastReference(prefix))

/** Stores a decided payout, with the posting of a failure and the event. */
export async function writeDecision(
  tx: Transaction,
  deps: EventDeps,
  payout: Payout,
): Promise<void> {
  await tx.payouts.update(payout)
  if (payout.status === 'failed') {
    const cause = { type: 'payout_return', payout } as const
    await tx.ledger.insert(postingsFor(cause, deps.clock.nowMs()))
  }
  await writePayoutEvent(tx, deps, payout)
}

const EVENT_TYPES: Readonly<Record<Payout['status'], WebhookEventType | undefined>> = {
  collecting: undefined,
  abandoned: undefined,
  initiated: 'payout.initiated',
  paid: 'payout.paid',
  failed: 'payout.failed',
}

/** Payouts of connected accounts have no event. */
async function writePayoutEvent(tx: Transaction, deps: EventDeps, payout: Payout): Promise<void> {
  const type = EVENT_TYPES[payout.status]
  if (payout.connectedAccountId !== undefined || type === undefined) return
  const { edition } = (await tx.accounts.find(payout.accountId)) ?? {}
  if (edition === undefined) throw new Error(`payout ${payout.id} has no account`)
  const subject = { kind: 'payout', id: payout.id } as const
  await writeWebhookEvent(
    tx,
    deps,
    { accountId: payout.accountId, subject },
    { type, object: { payout: payoutRow(payout, edition) } },
  )
}
