import { clearTimeout, setTimeout } from 'node:timers'
import { PLAIN_IDS } from '../domain/public-id.ts'
import type { Random } from '../domain/random.ts'
import {
  LockedRowError,
  type Store,
  StoreUnavailable,
  type Transaction,
} from '../operations/store.ts'
import { accountChangesOf } from './account-changes.ts'
import { accountsIn, accountsOf } from './accounts.ts'
import { auditLogIn, auditLogOf } from './audit-log.ts'
import { balanceTransactionsIn, balanceTransactionsOf } from './balance-transactions.ts'
import { openWorkOf } from './claim.ts'
import { clientsIn, clientsOf } from './clients.ts'
import { connectedAccountsIn, connectedAccountsOf } from './connected-accounts.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import { customersIn, customersOf } from './customers.ts'
import { deleteExpired } from './delete-expired.ts'
import { disputesIn, disputesOf } from './disputes.ts'
import { type Engine, isDeadlock, isLockTimeout } from './engine/engine.ts'
import { withOutages } from './engine/outage.ts'
import { personalDataOf } from './erasure.ts'
import { idempotencyIn, idempotencyOf } from './idempotency-keys.ts'
import { installationIn, installationOn, writeAndDelete } from './installation.ts'
import { lazyNouns } from './lazy-nouns.ts'
import { ledgerIn, ledgerOf } from './ledger.ts'
import { ledgerChecksOf } from './ledger-checks.ts'
import {
  mandateDebitsIn,
  mandateDebitsOf,
  mandateNotificationsIn,
  mandateNotificationsOf,
  mandatesIn,
  mandatesOf,
} from './mandates.ts'
import { messagesIn, messagesOf } from './messages.ts'
import { operatorsIn, operatorsOf } from './operators.ts'
import { paymentAttemptsIn, paymentAttemptsOf } from './payment-attempts.ts'
import { paymentCountsOf } from './payment-counts.ts'
import { paymentLinksIn, paymentLinksOf } from './payment-links.ts'
import {
  paymentMethodSessionsIn,
  paymentMethodSessionsOf,
  paymentMethodsIn,
  paymentMethodsOf,
} from './payment-methods.ts'
import { paymentSessionsIn, paymentSessionsOf } from './payment-session-batches.ts'
import { payoutsIn, payoutsOf } from './payouts.ts'
import { processorFeedsOf } from './processor-feeds.ts'
import { oldRowsOf } from './prune.ts'
import { refundApprovalsIn, refundApprovalsOf } from './refund-approvals.ts'
import { refundsIn, refundsOf } from './refunds.ts'
import { retryDeadlocks } from './retry-deadlocks.ts'
import { sandboxChargesOn } from './sandbox-charges.ts'
import { sandboxSavesOn } from './sandbox-saves.ts'
import { sealedValuesIn, sealedValuesOf } from './sealed-values.ts'
import { sessionTransactionsOf } from './session-transactions.ts'
import { tokensIn, tokensOf } from './tokens.ts'
import { transferReversalsIn, transferReversalsOf, transfersIn, transfersOf } from './transfers.ts'
import { virtualAccountsIn, virtualAccountsOf } from './virtual-accounts.ts'
import { webhookDeliveriesIn, webhookDeliveriesOf } from './webhook-delivery-batches.ts'
import { webhookEndpointsIn, webhookEndpointsOf } from './webhook-endpoints.ts'
import { webhookEventsIn, webhookEventsOf } from './webhook-events.ts'

/** The time for which the database is treated as full after a write that found no space. */
const FULL_KNOWN_MS = 30_000

/**
 * Makes the store on an open database whose schema is up to date. Its ids are stored ids. The contract in
 * `operations/store.ts` describes what the functions of its nouns do; the comments in this folder say how.
 */
export function createStore(openEngine: Engine, random: Random): Store {
  let fullFor: NodeJS.Timeout | undefined
  const engine = withOutages(openEngine, () => {
    clearTimeout(fullFor)
    fullFor = setTimeout(() => {
      fullFor = undefined
    }, FULL_KNOWN_MS).unref()
  })
  const { lostReplica, nodes, read, readLong } = engine
  const context: StoreContext = { engine, read, readLong }
  const sessions = paymentSessionsOf(context, random)
  const attempts = paymentAttemptsOf(context)
  const deliveries = webhookDeliveriesOf(context, random)
  const { announceDue } = deliveries
  const runAlone: Store['sessionTransaction'] = (_id, work) =>
    runTransaction(engine, work, announceDue)
  // On SQLite all transactions share commits, and a statement for one row costs as little as one for many.
  const isShared = engine.prefersManyRowStatements && !engine.isDistributed
  const commits = isShared ? sessionTransactionsOf({ engine, runAlone, announceDue }) : undefined
  return {
    publicIds: PLAIN_IDS,
    transaction: (work) => runTransaction(engine, work, announceDue),
    sessionTransaction: commits?.add ?? runAlone,
    paymentSessions: sessions.part,
    paymentAttempts: attempts.part,
    paymentCounts: paymentCountsOf(context),
    paymentLinks: paymentLinksOf(context),
    paymentMethods: paymentMethodsOf(context),
    paymentMethodSessions: paymentMethodSessionsOf(context),
    refunds: refundsOf(context),
    refundApprovals: refundApprovalsOf(context),
    disputes: disputesOf(context),
    transfers: transfersOf(context),
    transferReversals: transferReversalsOf(context),
    virtualAccounts: virtualAccountsOf(context),
    mandates: mandatesOf(context),
    mandateNotifications: mandateNotificationsOf(context),
    mandateDebits: mandateDebitsOf(context),
    balanceTransactions: balanceTransactionsOf(context),
    payouts: payoutsOf(context),
    processorFeeds: processorFeedsOf(context),
    ledger: ledgerOf(context),
    ledgerChecks: ledgerChecksOf(context),
    messages: messagesOf(context),
    webhookEvents: webhookEventsOf(context),
    webhookEndpoints: webhookEndpointsOf(context),
    webhookDeliveries: deliveries.part,
    accounts: accountsOf(context),
    accountChanges: accountChangesOf(context),
    connectedAccounts: connectedAccountsOf(context),
    customers: customersOf(context),
    clients: clientsOf(context),
    tokens: tokensOf(context),
    operators: operatorsOf(context),
    idempotency: idempotencyOf(context),
    sandboxCharges: sandboxChargesOn(engine),
    sandboxSaves: sandboxSavesOn(engine),
    openWork: openWorkOf(context),
    installation: installationOn(engine),
    auditLog: auditLogOf(context),
    sealedValues: sealedValuesOf(context),
    oldRows: oldRowsOf(context),
    personalData: personalDataOf(context),
    deleteExpired: (nowMs) => deleteExpired(engine, nowMs),
    checkWritable: async () => {
      // On PostgreSQL the small test write may find room in existing pages, so an earlier write that found no space
      // decides.
      if (fullFor !== undefined) throw new StoreUnavailable('full')
      await engine.transaction(writeAndDelete)
    },
    unreachableMachines: () => [...(nodes?.unreachable() ?? []), ...(lostReplica?.() ?? [])],
    close: async () => {
      await Promise.all([sessions.idle(), attempts.idle(), deliveries.idle(), commits?.idle()])
      await engine.close()
    },
  }
}

/** Runs work in a transaction. `announceDue` runs after a commit that made a delivery due. */
async function runTransaction<Result>(
  engine: Engine,
  work: (tx: Transaction) => Promise<Result>,
  announceDue: () => void,
): Promise<Result> {
  let areDeliveriesDue = false
  const onDue = () => {
    areDeliveriesDue = true
  }
  const runOnce = () => {
    areDeliveriesDue = false
    return engine.transaction((sql) => work(transactionOn({ engine, sql, onDue })))
  }
  const result = await retryDeadlocks(runOnce).catch((error: unknown) => {
    const isHeld = isLockTimeout(error) || isDeadlock(error)
    throw isHeld ? new LockedRowError('a row was held', { cause: error }) : error
  })
  if (areDeliveriesDue) announceDue()
  return result
}

const transactionOn = lazyNouns<TransactionContext, Transaction>({
  paymentSessions: paymentSessionsIn,
  paymentAttempts: paymentAttemptsIn,
  paymentLinks: paymentLinksIn,
  paymentMethods: paymentMethodsIn,
  paymentMethodSessions: paymentMethodSessionsIn,
  refunds: refundsIn,
  refundApprovals: refundApprovalsIn,
  disputes: disputesIn,
  transfers: transfersIn,
  transferReversals: transferReversalsIn,
  virtualAccounts: virtualAccountsIn,
  mandates: mandatesIn,
  mandateNotifications: mandateNotificationsIn,
  mandateDebits: mandateDebitsIn,
  balanceTransactions: balanceTransactionsIn,
  payouts: payoutsIn,
  ledger: ledgerIn,
  messages: messagesIn,
  webhookEvents: webhookEventsIn,
  webhookEndpoints: webhookEndpointsIn,
  webhookDeliveries: webhookDeliveriesIn,
  accounts: accountsIn,
  connectedAccounts: connectedAccountsIn,
  customers: customersIn,
  clients: clientsIn,
  tokens: tokensIn,
  operators: operatorsIn,
  idempotency: idempotencyIn,
  auditLog: auditLogIn,
  installation: installationIn,
  sealedValues: sealedValuesIn,
})
