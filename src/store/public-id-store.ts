import type {
  BalanceTransaction,
  BalanceTransactionKey,
  BalanceTransactionRecord,
} from '../domain/balance-transaction.ts'
import type { BankTransfer } from '../domain/bank-transfer.ts'
import type { CustomerRecord } from '../domain/customer.ts'
import type { Dispute } from '../domain/dispute.ts'
import type { LedgerPosting } from '../domain/ledger.ts'
import type { Mandate } from '../domain/mandate.ts'
import type { MandateDebit, MandateNotification } from '../domain/mandate-debit.ts'
import type { Message } from '../domain/message.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { PaymentLink } from '../domain/payment-link.ts'
import type { PaymentMethodSession } from '../domain/payment-method-session.ts'
import type { PaymentSession } from '../domain/payment-session.ts'
import type { Payout } from '../domain/payout.ts'
import type { PublicIds } from '../domain/public-id.ts'
import type { Refund } from '../domain/refund.ts'
import type { RefundApproval } from '../domain/refund-approval.ts'
import type { SavedPaymentMethod } from '../domain/saved-payment-method.ts'
import type { Transfer, TransferReversal } from '../domain/transfer.ts'
import type { VirtualAccount } from '../domain/virtual-account.ts'
import type { WebhookDelivery } from '../domain/webhook-delivery.ts'
import type { WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import type { EventSubject } from '../domain/webhook-event.ts'
import type {
  AttemptOutline,
  BalanceTransactionView,
  ClaimedDelivery,
  ClaimedMessage,
  ClaimLimits,
  ConnectedTransactionFilter,
  CustomerFilter,
  DeliveryRecord,
  ExportedPayment,
  IdempotentAnswer,
  InsertOutcome,
  LedgerReport,
  MandateFilter,
  PaymentFilter,
  PaymentLinkFilter,
  PaymentSessionFilter,
  PaymentSessionRecord,
  PersonalObject,
  PersonalPage,
  PersonalStep,
  PostingKey,
  RefundKey,
  SessionTransaction,
  StepThrough,
  Store,
  Transaction,
  TransferFilter,
  VirtualAccountFilter,
  WebhookEvent,
  WebhookEventFilter,
  WebhookEventPosition,
} from '../operations/store.ts'
import type { SandboxCharge, SandboxMandate, SandboxSave } from '../processors/sandbox-charge.ts'
import {
  createTranslation,
  each,
  id,
  members,
  type NounIds,
  optional,
  pageOf,
  type Rewrite,
} from './translate-ids.ts'

type StoreNouns = Omit<
  Store,
  | 'publicIds'
  | 'transaction'
  | 'sessionTransaction'
  | 'deleteExpired'
  | 'checkWritable'
  | 'unreachableMachines'
  | 'close'
>

/**
 * The ids in each function of each noun, in and outside a transaction. A new function does not compile until its ids
 * are listed here.
 */
type IdsByNoun = {
  readonly [Noun in keyof StoreNouns]: NounIds<
    StoreNouns[Noun] & (Noun extends keyof Transaction ? Transaction[Noun] : unknown)
  >
}

const session = members<PaymentSession>('id', 'currentAttemptId')
const sessionRecord = members<PaymentSessionRecord>(
  'id',
  'currentAttemptId',
  'customerId',
  'paymentLinkId',
  'virtualAccountId',
)
const attempt = members<PaymentAttempt>('id', 'paymentSessionId', 'mandateId', 'savedMethodId')
const link = members<PaymentLink>('id', 'newestSessionId', 'currentSessionId', 'paidAttemptId')
const outline = members<AttemptOutline>('id')
const method = members<SavedPaymentMethod>('id', 'customerId', 'sessionId', 'addressId')
const methodSession = members<PaymentMethodSession>('id', 'customerId', 'methodId')
const refund = members<Refund>('id', 'paymentAttemptId')
const refundApproval = members<RefundApproval>('id', 'paymentAttemptId', 'refundId')
const dispute = members<Dispute>('id', 'paymentAttemptId')
const transfer = members<Transfer>('id', 'paymentAttemptId')
const reversal = members<TransferReversal>('id', 'transferId')
const transferFilter = members<TransferFilter>('paymentAttemptId', 'transferId', 'searchId')
const virtualAccount = members<VirtualAccount>('id', 'customerId')
const mandate = members<Mandate>('id', 'customerId', 'enrollmentAttemptId')
const mandateNotification = members<MandateNotification>('id', 'mandateId')
const mandateDebit = members<MandateDebit>('mandateId', 'attemptId', 'sessionId', 'notificationId')
const bankTransfer = members<BankTransfer>('id', 'virtualAccountId')
const balanceTransaction = members<BalanceTransaction>('id', 'parentId', 'paymentAttemptId')
const balanceKey = members<BalanceTransactionKey>('id')
const balanceRecord = members<BalanceTransactionRecord>(
  'id',
  'parentId',
  'paymentAttemptId',
  'payoutId',
)
const balanceView: Rewrite<BalanceTransactionView> = (view, direction) => ({
  ...members<BalanceTransactionView>(
    'id',
    'parentId',
    'paymentAttemptId',
    'payoutId',
  )(view, direction),
  payment: members<BalanceTransactionView['payment']>('id', 'customerId')(view.payment, direction),
})
const payout = members<Payout>('id')
const posting = members<LedgerPosting>('sourceId', 'paymentAttemptId')
const subject = members<EventSubject>('id')
const event: Rewrite<WebhookEvent> = (one, direction) => ({
  ...one,
  id: id(one.id, direction),
  subject: subject(one.subject, direction),
})
const eventFilter: Rewrite<WebhookEventFilter> = (filter, direction) =>
  filter.subject === undefined ? filter : { ...filter, subject: subject(filter.subject, direction) }
const endpoint = members<WebhookEndpoint>('id')
const delivery = members<WebhookDelivery>('eventId', 'endpointId')
const message = members<Message>('id', 'subjectId')
const customer = members<CustomerRecord>('id')
const answer = members<IdempotentAnswer>('resourceId')
const charge = members<SandboxCharge>('attemptId')
const sandboxMandate = members<SandboxMandate>('mandateId')
const save = members<SandboxSave>('paymentMethodId')

const step =
  <Item>(item: Rewrite<Item>): Rewrite<StepThrough<Item>> =>
  (one, direction) => ({ ...one, after: optional(item)(one.after, direction) })

const exportedSession = members<ExportedPayment['session']>(
  'customerId',
  'paymentLinkId',
  'virtualAccountId',
)

const exportedPayment: Rewrite<ExportedPayment> = (one, direction) => ({
  attempt: attempt(one.attempt, direction),
  session: exportedSession(one.session, direction),
})

const personalObject = members<PersonalObject>('id') as Rewrite<PersonalObject>
const personalStep: Rewrite<PersonalStep> = (one, direction) => {
  const { customerIds, source } = one
  return {
    ...one,
    customerIds: customerIds.map((customerId) => id(customerId, direction)),
    source:
      source.by === 'customer'
        ? { ...source, customerId: id(source.customerId, direction) }
        : source.by === 'payment_link'
          ? { ...source, linkId: id(source.linkId, direction) }
          : source,
  }
}
const personalPage: Rewrite<PersonalPage> = (page, direction) => ({
  ...page,
  found: page.found.map((one) => ({ ...one, object: personalObject(one.object, direction) })),
})

const insertOutcome: Rewrite<InsertOutcome> = (outcome, direction) =>
  typeof outcome === 'string' ? outcome : { storedAnswer: answer(outcome.storedAnswer, direction) }

const claimedDelivery: Rewrite<ClaimedDelivery> = (one, direction) => ({
  ...one,
  delivery: delivery(one.delivery, direction),
})

const claimedMessage: Rewrite<ClaimedMessage> = (one, direction) => ({
  ...one,
  message: message(one.message, direction),
})

const claimLimits: Rewrite<ClaimLimits> = (limits, { translate }) => ({
  ...limits,
  roomOfEndpoints: new Map(
    [...limits.roomOfEndpoints].map(([endpointId, room]) => [translate(endpointId), room]),
  ),
})

const deliveryRecord: Rewrite<DeliveryRecord> = (record, direction) => ({
  ...members<DeliveryRecord>('eventId', 'endpointId')(record, direction),
  decide: (before) => delivery(record.decide(delivery(before, direction.back)), direction),
})

const discrepancy = members<LedgerReport['discrepancies'][number]>('id')

const ledgerReport: Rewrite<LedgerReport> = (report, direction) => {
  // A discrepancy of an account has the account's id; one of the whole ledger has no id.
  const others = new Set<string>(['-', ...report.balances.map(({ accountId }) => accountId)])
  return {
    ...report,
    discrepancies: report.discrepancies.map((item) =>
      others.has(item.id) ? item : discrepancy(item, direction),
    ),
  }
}

const IDS: IdsByNoun = {
  paymentSessions: {
    creationBucket: {},
    insert: { takes: [sessionRecord, optional(answer)], returns: insertOutcome },
    find: { takes: [id], returns: optional(sessionRecord) },
    list: {
      takes: [undefined, members<PaymentSessionFilter>('searchId')],
      returns: pageOf(sessionRecord),
    },
    recordOpener: { takes: [id] },
    lock: { takes: [id], returns: optional(sessionRecord) },
    update: { takes: [session] },
    insertOne: { takes: [sessionRecord] },
    listOpenByLink: { takes: [id], returns: each(sessionRecord) },
    listByLink: { takes: [id], returns: each(sessionRecord) },
    listUnshown: { returns: each(sessionRecord) },
  },
  paymentMethods: {
    find: { takes: [id], returns: optional(method) },
    listByCustomer: { takes: [id], returns: each(method) },
    listWithDeleted: { takes: [id], returns: each(method) },
    claim: { returns: optional(method) },
    lock: { takes: [id], returns: optional(method) },
    insert: { takes: [method] },
    update: { takes: [method] },
    countByCustomer: { takes: [id] },
    hasOpenPayment: { takes: [id] },
  },
  paymentMethodSessions: {
    find: { takes: [id], returns: optional(methodSession) },
    lock: { takes: [id], returns: optional(methodSession) },
    insert: { takes: [methodSession] },
    update: { takes: [methodSession] },
  },
  paymentAttempts: {
    find: { takes: [id], returns: optional(attempt) },
    listBySession: { takes: [id], returns: each(attempt) },
    listByLink: { takes: [id], returns: each(attempt) },
    listByMandate: { takes: [members('id')], returns: each(attempt) },
    listOutlines: { takes: [id], returns: each(outline) },
    list: {
      takes: [undefined, members<PaymentFilter>('customerId', 'searchId')],
      returns: pageOf(attempt),
    },
    listAfter: { takes: [undefined, step(attempt)], returns: each(exportedPayment) },
    claim: { returns: optional(attempt) },
    insert: { takes: [attempt] },
    update: { takes: [attempt] },
  },
  paymentLinks: {
    find: { takes: [id], returns: optional(link) },
    list: { takes: [undefined, members<PaymentLinkFilter>('searchId')], returns: pageOf(link) },
    hasDue: {},
    lock: { takes: [id], returns: optional(link) },
    lockDue: { returns: each(link) },
    insert: { takes: [link] },
    update: { takes: [link] },
    moveAddresses: {},
  },
  refunds: {
    find: { takes: [id], returns: optional(refund) },
    listByPayment: { takes: [id], returns: each(refund) },
    listPage: { takes: [id], returns: pageOf(refund) },
    listAfter: {
      takes: [undefined, step(members<RefundKey>('id'))],
      returns: each(refund),
    },
    count: {},
    claim: { returns: optional(refund) },
    insert: { takes: [refund] },
    listOpen: { takes: [id], returns: each(refund) },
    update: { takes: [refund] },
  },
  accountChanges: {
    findVersion: {},
  },
  paymentCounts: {
    count: {},
    findFirstMs: {},
    list: {},
    findRecountMs: {},
    findRun: {},
    beginRun: {},
    claimRun: {},
    endRun: {},
  },
  refundApprovals: {
    find: { takes: [id], returns: optional(refundApproval) },
    list: { returns: each(refundApproval) },
    listPage: { returns: pageOf(refundApproval) },
    countWaiting: {},
    findWaiting: { takes: [id], returns: optional(refundApproval) },
    endExpired: { takes: [id] },
    insert: { takes: [refundApproval] },
    update: { takes: [refundApproval] },
  },
  disputes: {
    find: { takes: [id], returns: optional(dispute) },
    findCurrent: { takes: [id], returns: optional(dispute) },
    findByProcessorReference: { takes: [id], returns: optional(dispute) },
    list: { returns: pageOf(dispute) },
    insert: { takes: [dispute] },
    decide: { takes: [dispute] },
  },
  transfers: {
    find: { takes: [id], returns: optional(transfer) },
    listByPayment: { takes: [id], returns: each(transfer) },
    list: { takes: [undefined, transferFilter], returns: pageOf(transfer) },
    listAfter: { takes: [undefined, step(transfer)], returns: each(transfer) },
    insert: { takes: [transfer] },
    update: { takes: [transfer] },
  },
  transferReversals: {
    find: { takes: [id], returns: optional(reversal) },
    list: { takes: [undefined, transferFilter], returns: pageOf(reversal) },
    insert: { takes: [reversal] },
  },
  virtualAccounts: {
    find: { takes: [id], returns: optional(virtualAccount) },
    findByNumber: { returns: optional(virtualAccount) },
    list: {
      takes: [undefined, members<VirtualAccountFilter>('customerId')],
      returns: pageOf(virtualAccount),
    },
    listTransfers: { takes: [id], returns: pageOf(bankTransfer) },
    listDue: { returns: each(id) },
    listToReverse: { returns: each(bankTransfer) },
    findToClose: { returns: optional(virtualAccount) },
    findToDecide: { returns: optional(bankTransfer) },
    lock: { takes: [id], returns: optional(virtualAccount) },
    insert: { takes: [virtualAccount] },
    update: { takes: [virtualAccount] },
    hasActive: { takes: [undefined, id] },
    findTransfer: { takes: [id], returns: optional(bankTransfer) },
    insertTransfer: { takes: [bankTransfer] },
    updateTransferStatus: { takes: [id] },
    moveClose: { takes: [members('id')] },
    moveDecision: { takes: [members('id')] },
    endReversal: { takes: [id] },
  },
  mandates: {
    find: { takes: [id], returns: optional(mandate) },
    list: {
      takes: [undefined, members<MandateFilter>('customerId', 'searchId')],
      returns: pageOf(mandate),
    },
    listDue: { returns: each(id) },
    claim: { returns: optional(mandate) },
    lock: { takes: [id], returns: optional(mandate) },
    insert: { takes: [mandate] },
    update: { takes: [mandate] },
    hasOpen: { takes: [undefined, id] },
  },
  mandateNotifications: {
    find: { takes: [id], returns: optional(mandateNotification) },
    listByMandate: { takes: [id], returns: each(mandateNotification) },
    claim: { returns: optional(mandateNotification) },
    insert: { takes: [mandateNotification] },
    update: { takes: [mandateNotification] },
  },
  mandateDebits: {
    claim: { returns: optional(mandateDebit) },
    find: { takes: [id, id], returns: optional(mandateDebit) },
    findByCycle: { takes: [id], returns: optional(mandateDebit) },
    findByNotification: { takes: [id], returns: optional(mandateDebit) },
    insert: { takes: [mandateDebit] },
    update: { takes: [mandateDebit] },
    delete: { takes: [id, id] },
  },
  balanceTransactions: {
    find: { takes: [undefined, id], returns: optional(balanceRecord) },
    listByPayout: { takes: [members('id')], returns: pageOf(balanceView) },
    listByConnectedAccount: {
      takes: [undefined, members<ConnectedTransactionFilter>('id')],
      returns: pageOf(balanceView),
    },
    sum: {},
    insert: { takes: [each(balanceTransaction)] },
    makeAvailable: { takes: [id] },
  },
  payouts: {
    find: { takes: [id], returns: optional(payout) },
    findByProcessorReference: { returns: optional(payout) },
    list: { returns: pageOf(payout) },
    listAfter: { takes: [undefined, step(payout)], returns: each(payout) },
    findDue: { returns: optional(payout) },
    // The ids of accounts have only one form.
    findDueRun: {},
    findAccountWithoutRun: {},
    findNextBalance: {},
    findNextAvailableMs: {},
    sumDue: {},
    lock: { takes: [id], returns: optional(payout) },
    insert: { takes: [payout] },
    update: { takes: [payout] },
    findLastReference: {},
    take: { takes: [payout], returns: each(balanceRecord) },
    findByKeys: { takes: [each(balanceKey)], returns: each(balanceRecord) },
    attach: { takes: [members('id'), each(balanceRecord)] },
    discard: { takes: [id] },
    release: { takes: [id] },
    lockRun: {},
    beginRuns: {},
    updateRun: {},
  },
  processorFeeds: 'no ids',
  ledger: {
    check: { returns: ledgerReport },
    listAfter: {
      takes: [undefined, step(members<PostingKey>('sourceId'))],
      returns: each(posting),
    },
    count: {},
    insert: { takes: [each(posting)] },
  },
  // Discrepancies are stored with the ids that merchants see.
  ledgerChecks: {
    record: {},
    findLast: {},
    listDiscrepancies: {},
    listBalances: {},
    beginRun: {},
    updateRun: {},
    findRun: {},
  },
  messages: {
    find: { takes: [id], returns: optional(message) },
    list: { returns: pageOf(message) },
    listBySubject: { takes: [id], returns: each(message) },
    claim: { returns: optional(claimedMessage) },
    insert: { takes: [message] },
    lock: { takes: [id], returns: optional(message) },
    update: { takes: [message] },
  },
  webhookEvents: {
    find: { takes: [id], returns: optional(event) },
    list: { takes: [undefined, eventFilter], returns: pageOf(event) },
    listAfter: {
      takes: [undefined, eventFilter, optional(members<WebhookEventPosition>('id'))],
      returns: each(members<WebhookEventPosition>('id')),
    },
    count: {},
    insert: { takes: [event] },
  },
  webhookEndpoints: {
    find: { takes: [id], returns: optional(endpoint) },
    list: { returns: each(endpoint) },
    recordAcceptance: { takes: [id] },
    lock: { returns: each(endpoint) },
    insert: { takes: [endpoint] },
    put: { takes: [endpoint] },
    delete: { takes: [id] },
  },
  webhookDeliveries: {
    find: { takes: [id, id], returns: optional(delivery) },
    listByEvent: { takes: [id], returns: each(delivery) },
    list: { takes: [id], returns: pageOf(delivery) },
    listAttempts: { takes: [id, id] },
    claim: { takes: [undefined, undefined, claimLimits], returns: each(claimedDelivery) },
    returnClaims: { takes: [each(claimedDelivery)] },
    releaseHeld: {},
    recordAttempt: { takes: [deliveryRecord], returns: optional(delivery) },
    onDue: {},
    move: { takes: [id, each(id)] },
    resend: { takes: [endpoint, each(id)] },
  },
  // The ids of accounts, clients and operators have only one form.
  accounts: 'no ids',
  connectedAccounts: 'no ids',
  clients: 'no ids',
  operators: 'no ids',
  customers: {
    find: { takes: [id], returns: optional(customer) },
    list: { takes: [undefined, members<CustomerFilter>('searchId')], returns: pageOf(customer) },
    lock: { takes: [id], returns: optional(customer) },
    insert: { takes: [customer] },
    update: { takes: [customer] },
  },
  tokens: 'no ids',
  idempotency: {
    find: { returns: optional(answer) },
    put: { takes: [answer] },
  },
  sandboxCharges: {
    insert: { takes: [charge] },
    find: { takes: [id], returns: optional(charge) },
    decide: { takes: [id] },
    bookRefund: { takes: [id, id] },
    insertMandate: { takes: [sandboxMandate] },
    findMandate: { takes: [id], returns: optional(sandboxMandate) },
    changeMandate: { takes: [id] },
  },
  sandboxSaves: {
    insert: { takes: [save] },
    find: { takes: [id], returns: optional(save) },
    decide: { takes: [id] },
    forget: { takes: [id] },
  },
  openWork: 'no ids',
  installation: 'no ids',
  // Its object ids are already public ids, stored as texts.
  auditLog: 'no ids',
  // The keys of rows are stored ids, which stay in the store.
  sealedValues: 'no ids',
  // The steps through old rows use stored ids, too.
  oldRows: 'no ids',
  personalData: {
    list: { takes: [personalStep], returns: personalPage },
    erase: { takes: [personalObject] },
  },
}

/** Makes a store with public ids from one with stored ids. Ids are translated nowhere else. */
export function createPublicIdStore(innerStore: Store, publicIds: PublicIds): Store {
  const {
    publicIds: _,
    deleteExpired,
    checkWritable,
    unreachableMachines,
    close,
    ...others
  } = innerStore
  const { sessionTransaction, transaction, ...nouns } = others
  const translation = createTranslation(publicIds)
  const translateTransaction = translation.onUse<Transaction>(IDS)
  const translateSession = translation.onUse<SessionTransaction>(IDS)
  return {
    ...translation.all(nouns, IDS),
    publicIds,
    transaction: (work) => transaction((tx) => work(translateTransaction(tx))),
    sessionTransaction: (id, work) =>
      sessionTransaction(publicIds.storedIdOf(id), (tx) => work(translateSession(tx))),
    deleteExpired,
    checkWritable,
    unreachableMachines,
    close,
  }
}
