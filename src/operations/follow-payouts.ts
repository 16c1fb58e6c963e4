import { statementDescriptorOf } from '../domain/account.ts'
import type {
  BalanceTransaction,
  BalanceTransactionKey,
  BalanceTransactionRecord,
} from '../domain/balance-transaction.ts'
import type { AccountId, PaymentAttemptId } from '../domain/id.ts'
import { formatMoney } from '../domain/money.ts'
import { movePayout, NO_SUMMARY, type Payout, withTransactions } from '../domain/payout.ts'
import type {
  PayoutReports,
  ReportedPayout,
  ReportedTransaction,
} from '../processors/payout-reports.ts'
import type { Processor } from '../processors/processor.ts'
import {
  initiatePayout,
  PAYOUT_BATCH_SIZE,
  type PayoutDeps,
  releasePayout,
  writeDecision,
} from './pay-out.ts'
import { readFeed } from './read-feed.ts'
import type { Store } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'

type FollowDeps = Omit<PayoutDeps, 'store'> & {
  readonly store: PayoutDeps['store'] &
    Pick<Store, 'balanceTransactions' | 'disputes' | 'processorFeeds'>
  /** Guarded (`guardProcessor`). */
  readonly processor: Pick<Processor, 'payouts'>
  readonly onTrouble: (trouble: string) => void
}

/** A report that cannot be recorded; the message is a sentence for operators. */
class Unrecordable extends Error {}

/**
 * Reads the next page of payouts that the processor reports, and records each with its transactions. A payout may name
 * a payment whose success Paydesk has not recorded yet: the page is then read again. Returns the result of `readFeed`.
 */
export function followPayouts(deps: FollowDeps): Promise<number | undefined> {
  const { payouts } = deps.processor
  if (payouts === undefined) return Promise.resolve(undefined)
  return readFeed(deps, {
    name: 'payouts',
    list: payouts.listPayouts,
    record: async (report) => {
      try {
        await recordPayout(deps, payouts, report)
        return true
      } catch (error) {
        if (!(error instanceof Unrecordable)) throw error
        deps.onTrouble(`payout ${report.payoutReference}: ${error.message}`)
        return false
      }
    },
  })
}

/** Records one report in steps. A repeated report continues them. */
async function recordPayout(
  deps: FollowDeps,
  reports: PayoutReports,
  report: ReportedPayout,
): Promise<void> {
  const { payouts } = deps.store
  let payout = await payouts.findByProcessorReference(report.payoutReference)
  if (payout === undefined || payout.status === 'collecting') {
    payout = await collect(deps, reports, report, payout)
  }
  const { amountMinor, currency } = report.amount
  if (payout.amount.amountMinor !== amountMinor || payout.amount.currency !== currency) {
    throw new Unrecordable('its amount differs from an earlier report')
  }
  const { result } = report
  if (result.status !== payout.status) await decide(deps, payout, result)
  if (result.status === 'failed') await releasePayout(deps, payout.id)
}

/** Initiates the payout when it has all its transactions. */
async function collect(
  deps: FollowDeps,
  reports: PayoutReports,
  report: ReportedPayout,
  firstPayout: Payout | undefined,
): Promise<Payout> {
  let payout = firstPayout
  try {
    for (let after: string | undefined; ; ) {
      const page = await reports.listTransactions(report.payoutReference, after)
      if (page.kind === 'unknown') throw new Unrecordable('its transactions cannot be read')
      const keys = await Promise.all(page.items.map((item) => keyOf(deps, item, report)))
      const [first] = keys
      if (payout === undefined) {
        if (first === undefined) throw new Unrecordable('it has no transactions')
        payout = await begin(deps, report, first)
      }
      payout = await take(deps, payout, keys)
      after = page.next
      if (after === undefined || page.items.length === 0) break
    }
    return await initiate(deps, payout, report)
  } catch (error) {
    // Its transactions stay free until the report can be recorded.
    if (error instanceof Unrecordable && payout !== undefined) await discard(deps, payout)
    throw error
  }
}

/** The kinds of balance transactions for each reported kind: those of the merchant, and of a connected account. */
const KINDS: Readonly<
  Record<
    ReportedTransaction['kind'],
    {
      readonly merchant: BalanceTransaction['kind']
      readonly connectedAccount?: BalanceTransaction['kind']
    }
  >
> = {
  payment: { merchant: 'charge' },
  refund: { merchant: 'refund' },
  transfer: { merchant: 'transfer', connectedAccount: 'connected_transfer' },
  transfer_reversal: { merchant: 'transfer_reversal', connectedAccount: 'connected_reversal' },
  dispute: { merchant: 'dispute' },
  dispute_return: { merchant: 'dispute_return' },
}

async function keyOf(
  { store }: FollowDeps,
  { disputeReference, id, kind }: ReportedTransaction,
  { connectedAccountId }: ReportedPayout,
): Promise<BalanceTransactionKey> {
  const { connectedAccount, merchant } = KINDS[kind]
  const ownKind = connectedAccountId === undefined ? merchant : connectedAccount
  if (ownKind === undefined)
    throw new Unrecordable(
      `the payout of a connected account cannot contain a transaction of the kind "${kind}"`,
    )
  if (disputeReference === undefined) return { id: id as BalanceTransaction['id'], kind: ownKind }
  const dispute = await store.disputes.findByProcessorReference(
    id as PaymentAttemptId,
    disputeReference,
  )
  if (dispute === undefined) throw new Unrecordable(`dispute ${disputeReference} is not known`)
  return { id: dispute.id, kind: ownKind }
}

const nameOf = ({ id, kind }: BalanceTransactionKey) => `${kind} ${id}`

/** Stores the payout, which no list shows yet. Its merchant is the merchant of its first transaction. */
async function begin(
  deps: FollowDeps,
  report: ReportedPayout,
  first: BalanceTransactionKey,
): Promise<Payout> {
  const transaction = await deps.store.balanceTransactions.find(first.kind, first.id)
  if (transaction === undefined) throw new Unrecordable(`${nameOf(first)} is not known`)
  const { accountId } = transaction
  const account = await deps.store.accounts.find(accountId)
  if (account === undefined) throw new Error(`there is no account ${accountId}`)
  const { connectedAccountId } = report
  const descriptor = await descriptorOf(deps, accountId, connectedAccountId)
  const draw = (): Payout => ({
    id: deps.ids.payout(),
    accountId,
    ...(connectedAccountId !== undefined && { connectedAccountId }),
    status: 'collecting',
    amount: { amountMinor: 0n, currency: report.amount.currency },
    summary: NO_SUMMARY,
    createdAtMs: report.initiatedAtMs,
    arrivesAtMs: report.arrivesAtMs ?? report.initiatedAtMs,
    statementDescriptor: descriptor ?? statementDescriptorOf(account),
    bankAccount: report.bankAccount,
    processorReference: report.payoutReference,
  })
  return deps.store.transaction((tx) => storeWithFreeId(draw, tx.payouts.insert))
}

async function descriptorOf(
  { store }: FollowDeps,
  accountId: AccountId,
  connectedAccountId: AccountId | undefined,
): Promise<string | undefined> {
  if (connectedAccountId === undefined) return undefined
  const connectedAccount = await store.connectedAccounts.find(accountId, connectedAccountId)
  if (connectedAccount === undefined) {
    throw new Unrecordable(`there is no connected account ${connectedAccountId}`)
  }
  return statementDescriptorOf({ name: connectedAccount.name })
}

/**
 * Takes the transactions of a page in one transaction of the database, except those that the payout
 * already has.
 */
function take(
  deps: FollowDeps,
  { id }: Payout,
  keys: readonly BalanceTransactionKey[],
): Promise<Payout> {
  return deps.store.transaction(async (tx) => {
    const payout = await tx.payouts.lock(id)
    if (payout?.status !== 'collecting')
      throw new Error(`payout ${id} does not have the status collecting`)
    const transactions = await tx.payouts.findByKeys(keys)
    const byName = new Map(transactions.map((one) => [nameOf(one), one]))
    const missing = keys.find((key) => !byName.has(nameOf(key)))
    if (missing !== undefined) throw new Unrecordable(`${nameOf(missing)} is not known`)
    const newTransactions = [...byName.values()].filter((one) => isNew(one, payout))
    const after = withTransactions(payout, newTransactions)
    await tx.payouts.attach(payout, newTransactions)
    await tx.payouts.update(after)
    return after
  })
}

/** Returns true if a payout has to take a transaction. Throws Unrecordable if it cannot. */
function isNew(transaction: BalanceTransactionRecord, payout: Payout): boolean {
  const isOwn =
    transaction.accountId === payout.accountId &&
    transaction.connectedAccountId === payout.connectedAccountId &&
    transaction.amount.currency === payout.amount.currency
  if (!isOwn) throw new Unrecordable(`${nameOf(transaction)} belongs to another balance`)
  if (transaction.payoutId === undefined) return true
  if (transaction.payoutId === payout.id) return false
  throw new Unrecordable(`${nameOf(transaction)} is in another payout`)
}

function initiate(deps: FollowDeps, { id }: Payout, { amount }: ReportedPayout): Promise<Payout> {
  return deps.store.transaction(async (tx) => {
    const payout = await tx.payouts.lock(id)
    if (payout === undefined) throw new Error(`payout ${id} is gone`)
    if (payout.amount.amountMinor !== amount.amountMinor) {
      throw new Unrecordable(
        `its amount is ${formatMoney(amount)}, but the sum of its transactions is ${formatMoney(payout.amount)}`,
      )
    }
    return initiatePayout(tx, deps, payout)
  })
}

async function discard({ batchSize = PAYOUT_BATCH_SIZE, store }: FollowDeps, { id }: Payout) {
  for (let isGone = false; !isGone; ) {
    isGone = await store.transaction((tx) => tx.payouts.discard(id, batchSize))
  }
}

async function decide(
  deps: FollowDeps,
  { id, status }: Payout,
  result: ReportedPayout['result'],
): Promise<void> {
  if (result.status === 'initiated') return
  await deps.store.transaction(async (tx) => {
    const payout = await tx.payouts.lock(id)
    if (payout === undefined) throw new Error(`payout ${id} is gone`)
    const { bankReference, failureCode } = { bankReference: '', failureCode: 'declined', ...result }
    const payoutMove = movePayout(
      payout,
      result.status === 'paid'
        ? { type: 'record_payment', bankReference }
        : { type: 'record_failure', failureCode: failureCode as 'declined' },
      result.decidedAtMs,
    )
    if ('refused' in payoutMove) {
      throw new Unrecordable(`it is ${status}, and cannot become ${result.status}`)
    }
    await writeDecision(tx, deps, payoutMove)
  })
}
