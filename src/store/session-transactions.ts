import type { PaymentSessionId } from '../domain/id.ts'
import { type SessionTransaction, type Store, StoreUnavailable } from '../operations/store.ts'
import { accountsTogether } from './accounts.ts'
import { balanceTransactionsTogether } from './balance-transactions.ts'
import type { SharedContext } from './context.ts'
import { type Engine, isRefusedRow } from './engine/engine.ts'
import { GroupCommit, type Settlement } from './engine/group-commit.ts'
import { outageReason } from './engine/outage.ts'
import { lazyNouns } from './lazy-nouns.ts'
import { ledgerTogether } from './ledger.ts'
import { messagesIn } from './messages.ts'
import { paymentAttemptsTogether } from './payment-attempts.ts'
import { paymentSessionsTogether } from './payment-session-batches.ts'
import { lockFreePaymentSessions } from './payment-sessions.ts'
import { refundsIn } from './refunds.ts'
import { transfersTogether } from './transfers.ts'
import { webhookEventsTogether } from './webhook-events.ts'

/** The maximum number of operations that share a transaction. */
const WORK_COUNT_MAX = 64

type SessionWork = {
  readonly id: PaymentSessionId
  readonly work: (tx: SessionTransaction) => Promise<unknown>
}

type SharedDeps = {
  readonly engine: Engine
  /** Runs an operation in its own transaction, which waits for other transactions of its session. */
  readonly runAlone: Store['sessionTransaction']
  /** Runs after a commit that made a delivery due. */
  readonly announceDue: () => void
}

/**
 * Makes transactions that operations on different sessions share, on PostgreSQL: the operations run at the same time,
 * and the calls that they make together are one statement. Otherwise each operation would wait for its own statements
 * and commit.
 *
 * A shared transaction waits for no lock of a session. An operation gets its own transaction if its session does not
 * exist or is locked by another transaction, if an earlier operation of the batch has the same session, or after a
 * failure in the batch that is no outage.
 */
export function sessionTransactionsOf({ announceDue, engine, runAlone }: SharedDeps) {
  const batches = new GroupCommit<SessionWork, unknown>((works) => runAll(works), {
    itemCountMax: WORK_COUNT_MAX,
    commitsInProcess: engine.commitsInProcess,
    // Changes of one session must not overtake each other.
    batchCountMax: 1,
    onBatch: (workCount) => engine.countBatch('session_change', workCount),
  })
  // The next batch does not wait for this operation, because its session can be locked for seconds.
  const startAlone = ({ id, work }: SessionWork): Settlement<unknown> => ({
    value: runAlone(id, work),
  })

  async function runAll(works: readonly SessionWork[]): Promise<readonly Settlement<unknown>[]> {
    const firsts = new Map<PaymentSessionId, SessionWork>()
    for (const one of works) if (!firsts.has(one.id)) firsts.set(one.id, one)
    const outcomes = await runTogether(engine, [...firsts.values()], announceDue)
    return works.map((one) => outcomes.get(one) ?? startAlone(one))
  }

  return {
    add: <Result>(id: PaymentSessionId, work: (tx: SessionTransaction) => Promise<Result>) =>
      batches.add({ id, work }) as Promise<Result>,
    idle: () => batches.idle(),
  }
}

/**
 * Runs operations in one transaction. Returns their outcomes. An operation without an outcome has changed nothing: its
 * session was locked or does not exist, or the batch was rolled back.
 */
async function runTogether(
  engine: Engine,
  works: readonly SessionWork[],
  announceDue: () => void,
): Promise<ReadonlyMap<SessionWork, Settlement<unknown>>> {
  let areDeliveriesDue = false
  let hasWorkFailed = false
  try {
    const outcomes = await engine.transaction(async (sql) => {
      const lockedSessions = await lockFreePaymentSessions(
        sql,
        works.map(({ id }) => id),
      )
      const onDue = () => {
        areDeliveriesDue = true
      }
      const tx = sharedOn({ engine, sql, onDue, lockedSessions })
      const startedWorks = works.filter(({ id }) => lockedSessions.has(id))
      // All operations end before the transaction does, even after a failure.
      const outcomes = await Promise.allSettled(startedWorks.map(({ work }) => work(tx)))
      const reasons = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      hasWorkFailed = reasons.length > 0
      if (hasWorkFailed) throw reasons.find((reason) => outageReason(reason)) ?? reasons[0]
      return new Map(
        outcomes.flatMap((one, index) => {
          const work = startedWorks[index]
          return one.status === 'fulfilled' && work !== undefined ? [[work, one] as const] : []
        }),
      )
    })
    if (areDeliveriesDue) announceDue()
    return outcomes
  } catch (error) {
    const isUndone = hasWorkFailed || isRefusedRow(error)
    // During an outage it is unknown whether the batch was stored: a repetition could store it
    // twice.
    if (isUndone && !(error instanceof StoreUnavailable)) return new Map()
    return new Map(works.map((work) => [work, { error }]))
  }
}

const sharedOn = lazyNouns<SharedContext, SessionTransaction>({
  paymentSessions: paymentSessionsTogether,
  paymentAttempts: paymentAttemptsTogether,
  accounts: accountsTogether,
  refunds: refundsIn,
  transfers: transfersTogether,
  balanceTransactions: balanceTransactionsTogether,
  ledger: ledgerTogether,
  messages: messagesIn,
  webhookEvents: webhookEventsTogether,
})
