/**
 * The contract of the store, by noun, such as `refunds`. Operations import it, `src/store` implements it.
 *
 * `Refunds` has the functions outside a transaction, `RefundWrites` those inside one, `RefundReads` those of both. For
 * every noun, unless its text says otherwise: a function `find…` returns undefined if there is no such object. `lock…`
 * does so too, and locks the row until the transaction ends. If the id is taken, `insert` returns false and stores
 * nothing. `update` writes the fields that can change. A function `list…` lists the newest first, `listAfter` the
 * oldest first. `claim` claims an object that is due: no other process gets it before the lease ends. Undefined: none
 * is due.
 */
import type { Account } from '../domain/account.ts'
import type { AccountKeys } from '../domain/account-keys.ts'
import type { AuditEntry, AuditFilter } from '../domain/audit-log.ts'
import type {
  BalanceTransaction,
  BalanceTransactionKey,
  BalanceTransactionRecord,
} from '../domain/balance-transaction.ts'
import type { BankTransfer } from '../domain/bank-transfer.ts'
import type { CustomerRecord } from '../domain/customer.ts'
import type { Dispute } from '../domain/dispute.ts'
import type { ErasedKind } from '../domain/erasure.ts'
import type {
  AccountId,
  CustomerId,
  DisputeId,
  MandateId,
  MandateNotificationId,
  MessageId,
  PaymentAttemptId,
  PaymentLinkId,
  PaymentMethodId,
  PaymentMethodSessionId,
  PaymentSessionId,
  RefundApprovalId,
  RefundId,
  TransferId,
  TransferReversalId,
  VirtualAccountId,
  WebhookEndpointId,
  WebhookEventId,
} from '../domain/id.ts'
import type { LedgerPosting } from '../domain/ledger.ts'
import type { Logo } from '../domain/logo.ts'
import type { Mandate } from '../domain/mandate.ts'
import type { MandateDebit, MandateNotification } from '../domain/mandate-debit.ts'
import type { Message } from '../domain/message.ts'
import type { OperatorIdentity, OperatorRecord, OperatorSession } from '../domain/operator.ts'
import type { Passkey } from '../domain/passkey.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { PaymentCounts } from '../domain/payment-counts.ts'
import type { PaymentLink } from '../domain/payment-link.ts'
import type { PaymentMethodSession } from '../domain/payment-method-session.ts'
import type { PaymentSession } from '../domain/payment-session.ts'
import type { Payout } from '../domain/payout.ts'
import type { PublicIds } from '../domain/public-id.ts'
import type {
  AccessToken,
  AccountInsert,
  AuthorizationCode,
  Balance,
  BalanceTransactionView,
  BankTransferFilter,
  ClaimedDelivery,
  ClaimedMessage,
  ClaimLimits,
  Client,
  ConnectedAccount,
  ConnectedAccountFilter,
  ConnectedTransactionFilter,
  CurrencyBalance,
  CustomerFilter,
  DeliveryRecord,
  DisputeFilter,
  DueSum,
  DueWork,
  Grant,
  IdempotentAnswer,
  InsertOutcome,
  LedgerBalance,
  LedgerReport,
  ListedToken,
  ListPosition,
  ListTimes,
  MandateFilter,
  OpenWork,
  Page,
  PaymentFilter,
  PaymentLinkFilter,
  PaymentSessionFilter,
  PaymentSessionRecord,
  PayoutFilter,
  PayoutRun,
  TokenFilter,
  TransferFilter,
  VirtualAccountFilter,
  WebhookDeliveryFilter,
  WebhookEvent,
  WebhookEventFilter,
} from '../domain/records.ts'
import type { Refund } from '../domain/refund.ts'
import type { RefundApproval } from '../domain/refund-approval.ts'
import type { PrunedKind } from '../domain/retention.ts'
import type { SavedPaymentMethod } from '../domain/saved-payment-method.ts'
import type { SavedSearch } from '../domain/saved-search.ts'
import type { SignInCount } from '../domain/sign-in-limit.ts'
import type { Transfer, TransferReversal } from '../domain/transfer.ts'
import type { VirtualAccount } from '../domain/virtual-account.ts'
import type { WebhookDelivery, WebhookDeliveryAttempt } from '../domain/webhook-delivery.ts'
import type { WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import type { SandboxCharges, SandboxSaves } from '../processors/sandbox-charge.ts'

/** The stored records come with the contracts that store them. */
export type * from '../domain/records.ts'

/**
 * The largest total of a list, unless its page has a `totalMax`. Counting further would make the first page of a long
 * list slower than that of a short one.
 */
export const LIST_TOTAL_MAX = 10_000

/** The maximum number of rows that a list examines if an index covers only one of its two conditions. */
export const EXAMINED_ROW_COUNT_MAX = 2_000

/** The extent of a list of which one page was read. */
export type ListExtent = {
  /**
   * The number of items on all pages. At most the page's `totalMax`, but never less than the number of items up to the
   * end of this page.
   */
  readonly total: number
  /** True if more items than `total` match, or may match because only `EXAMINED_ROW_COUNT_MAX` rows were examined. */
  readonly isTotalCut: boolean
  /** True if items come after this page. */
  readonly hasMore: boolean
  /** The place of this page's last item. Set if the request has a `start` and items come after this page. */
  readonly lastPosition?: ListPosition
}

/** One page of a list. */
export type ListPage<Item> = ListExtent & { readonly items: readonly Item[] }

/** The page of a list in which nothing can match. */
export const EMPTY_LIST_PAGE: ListPage<never> = {
  items: [],
  total: 0,
  isTotalCut: false,
  hasMore: false,
}

/**
 * Everything that is stored, by noun. Both engines implement it and pass one suite. Every function that reads or writes
 * the database, including those of the nouns, throws StoreUnavailable during an outage.
 */
export type Store = {
  /** The two forms of an id. All ids that this store takes and returns are public. */
  readonly publicIds: PublicIds
  /**
   * Runs the work in one transaction. The work must await nothing except this transaction, and must have no other effects,
   * because it runs again after a deadlock. Throws LockedRowError.
   */
  readonly transaction: <Result>(work: (tx: Transaction) => Promise<Result>) => Promise<Result>
  /**
   * Runs work on one session in a transaction, which may be shared with work on other sessions. If one piece of work
   * fails, all are rolled back, and each runs again in its own transaction: the work must have no other effects. Throws
   * LockedRowError.
   */
  readonly sessionTransaction: <Result>(
    id: PaymentSessionId,
    work: (tx: SessionTransaction) => Promise<Result>,
  ) => Promise<Result>

  readonly paymentSessions: PaymentSessions
  readonly paymentAttempts: PaymentAttempts
  readonly paymentCounts: PaymentCountReads
  readonly paymentLinks: PaymentLinks
  readonly paymentMethods: PaymentMethods
  readonly paymentMethodSessions: PaymentMethodSessions
  readonly refunds: Refunds
  readonly refundApprovals: RefundApprovals
  readonly disputes: Disputes
  readonly transfers: Transfers
  readonly transferReversals: TransferReversals
  readonly virtualAccounts: VirtualAccounts
  readonly mandates: Mandates
  readonly mandateNotifications: MandateNotifications
  readonly mandateDebits: MandateDebits
  readonly balanceTransactions: BalanceTransactions
  readonly payouts: Payouts
  readonly processorFeeds: ProcessorFeeds
  readonly ledger: Ledger
  readonly ledgerChecks: LedgerChecks
  readonly messages: Messages
  readonly webhookEvents: WebhookEvents
  readonly webhookEndpoints: WebhookEndpoints
  readonly webhookDeliveries: WebhookDeliveries
  readonly accounts: Accounts
  readonly accountChanges: AccountChanges
  readonly connectedAccounts: ConnectedAccounts
  readonly customers: Customers
  readonly clients: Clients
  readonly tokens: Tokens
  readonly operators: Operators
  readonly idempotency: IdempotencyReads
  readonly sandboxCharges: SandboxCharges
  readonly sandboxSaves: SandboxSaves
  readonly openWork: OpenWorkSearches
  readonly installation: Installation
  readonly auditLog: AuditLog
  readonly sealedValues: SealedValues
  readonly oldRows: OldRows
  readonly personalData: PersonalData

  /**
   * Deletes the rows whose retention has ended: idempotency keys, authorization codes, access tokens, sessions of
   * operators, failed sign-ins, used challenges, attempts of webhook deliveries, ended messages, and logos that no
   * account shows. Returns the number of deleted rows.
   */
  readonly deleteExpired: (nowMs: number) => Promise<number>
  /**
   * Writes something and deletes it again, on machines that answer. Throws StoreUnavailable when the database does not
   * answer or takes no writes, and for half a minute after any write that found no space.
   */
  readonly checkWritable: () => Promise<void>
  /**
   * Returns the machines of the database that do not answer: those of a distributed database, such as `10.0.0.7:5432`,
   * and the replica for lists, such as `replica 10.0.0.9:5432/live`.
   */
  readonly unreachableMachines: () => readonly string[]
  /** Waits for commits under way, then closes the database. */
  readonly close: () => Promise<void>
}

/** The reads and writes of one database transaction, by noun. It reads its own writes. */
export type Transaction = {
  readonly paymentSessions: PaymentSessionInserts
  readonly paymentAttempts: PaymentAttemptWrites
  readonly paymentLinks: PaymentLinkWrites
  readonly paymentMethods: PaymentMethodWrites
  readonly paymentMethodSessions: PaymentMethodSessionWrites
  readonly refunds: RefundWrites
  readonly refundApprovals: RefundApprovalWrites
  readonly disputes: DisputeWrites
  readonly transfers: TransferWrites
  readonly transferReversals: TransferReversalWrites
  readonly virtualAccounts: VirtualAccountWrites
  readonly mandates: MandateWrites
  readonly mandateNotifications: MandateNotificationWrites
  readonly mandateDebits: MandateDebitWrites
  readonly balanceTransactions: BalanceTransactionWrites
  readonly payouts: PayoutWrites
  readonly ledger: LedgerWrites
  readonly messages: MessageWrites
  readonly webhookEvents: WebhookEventWrites
  readonly webhookEndpoints: WebhookEndpointWrites
  readonly webhookDeliveries: WebhookDeliveryWrites
  readonly accounts: AccountWrites
  readonly connectedAccounts: ConnectedAccountWrites
  readonly customers: CustomerWrites
  readonly clients: ClientWrites
  readonly tokens: TokenWrites
  readonly operators: OperatorWrites
  readonly idempotency: IdempotencyWrites
  readonly auditLog: AuditLogWrites
  readonly installation: InstallationWrites
  readonly sealedValues: SealedValueWrites
}

/** The reads and writes of one session's transaction, by noun. */
export type SessionTransaction = {
  readonly paymentSessions: PaymentSessionWrites
  readonly paymentAttempts: Pick<PaymentAttemptWrites, 'find' | 'insert' | 'update'>
  readonly accounts: AccountReads
  readonly refunds: Pick<RefundWrites, 'insert'>
  readonly transfers: Pick<TransferWrites, 'insert'>
  readonly balanceTransactions: Pick<BalanceTransactionWrites, 'insert'>
  readonly ledger: LedgerWrites
  readonly messages: Pick<MessageWrites, 'insert'>
  readonly webhookEvents: WebhookEventWrites
}

type PaymentSessions = {
  /**
   * Returns the bucket of the batch that is being collected. A session with an id in this bucket shares the batch's
   * commit.
   */
  readonly creationBucket: () => number
  /** Stores a new session. Sessions that arrive during one commit can share the next one. */
  readonly insert: (
    session: PaymentSessionRecord,
    answer: IdempotentAnswer | undefined,
    nowMs: number,
  ) => Promise<InsertOutcome>
  readonly find: (id: PaymentSessionId) => Promise<PaymentSessionRecord | undefined>
  readonly list: (
    accountId: AccountId,
    filter: PaymentSessionFilter,
    page: Page,
    nowMs: number,
  ) => Promise<ListPage<PaymentSessionRecord>>
  readonly listByLink: (
    id: PaymentLinkId,
    countMax: number,
  ) => Promise<readonly PaymentSessionRecord[]>
  /** Lists in-person sessions with the stored status `created`, oldest first. The period excludes its end. */
  readonly listUnshown: (
    period: { readonly fromMs: number; readonly toMs: number },
    countMax: number,
  ) => Promise<readonly PaymentSessionRecord[]>
  /**
   * Records the browser that opens a session in the widget, by a hash. Returns the first browser's hash; undefined: no
   * such session.
   */
  readonly recordOpener: (id: PaymentSessionId, openerHash: string) => Promise<string | undefined>
}

type PaymentSessionWrites = {
  readonly lock: (id: PaymentSessionId) => Promise<PaymentSessionRecord | undefined>
  readonly update: (session: PaymentSession) => Promise<void>
}

/** Payment sessions, inside a transaction that can also make them. */
type PaymentSessionInserts = PaymentSessionWrites & {
  /** Stores a session that a payment link, a virtual account or a direct charge makes. False: the id is taken. */
  readonly insertOne: (session: PaymentSessionRecord) => Promise<boolean>
  /** Lists a link's sessions with the stored status `created`, newest first. Some of them may have expired. */
  readonly listOpenByLink: (id: PaymentLinkId) => Promise<readonly PaymentSessionRecord[]>
}

type PaymentLinks = {
  readonly find: (id: PaymentLinkId) => Promise<PaymentLink | undefined>
  readonly list: (
    accountId: AccountId,
    filter: PaymentLinkFilter,
    page: Page,
    nowMs: number,
  ) => Promise<ListPage<PaymentLink>>
  /** Returns true if the expiry of a link has to be recorded. */
  readonly hasDue: (nowMs: number) => Promise<boolean>
}

/** A link is locked before its sessions. */
type PaymentLinkWrites = {
  readonly lock: (id: PaymentLinkId) => Promise<PaymentLink | undefined>
  /**
   * Locks up to `countMax` links whose expiry has to be recorded, the longest overdue first. Links that another
   * transaction has locked are left out.
   */
  readonly lockDue: (nowMs: number, countMax: number) => Promise<readonly PaymentLink[]>
  readonly insert: (link: PaymentLink) => Promise<boolean>
  readonly update: (link: PaymentLink) => Promise<void>
  /**
   * Moves the addresses of all links and those in messages to another server, such as that of a copied sandbox. Both
   * URLs are without a slash at the end.
   */
  readonly moveAddresses: (fromUrl: string, toUrl: string) => Promise<void>
}

type PaymentMethods = {
  /** Finds deleted and never saved methods too. */
  readonly find: (id: PaymentMethodId) => Promise<SavedPaymentMethod | undefined>
  /** Lists the methods of a customer that the API shows and that were not deleted, newest first. */
  readonly listByCustomer: (id: CustomerId) => Promise<readonly SavedPaymentMethod[]>
  /** Lists all methods of a customer, with deleted ones and those that were never saved, in no order. */
  readonly listWithDeleted: (id: CustomerId) => Promise<readonly SavedPaymentMethod[]>
  /** Claims a method about which the processor has to be called. */
  readonly claim: (nowMs: number, leaseMs: number) => Promise<SavedPaymentMethod | undefined>
}

/** A customer is locked before a session, and a session before a method. */
type PaymentMethodWrites = {
  readonly lock: (id: PaymentMethodId) => Promise<SavedPaymentMethod | undefined>
  readonly insert: (method: SavedPaymentMethod) => Promise<boolean>
  readonly update: (method: SavedPaymentMethod) => Promise<void>
  /** Counts a customer's methods that are saved or being saved. The customer must be locked. */
  readonly countByCustomer: (id: CustomerId) => Promise<number>
  /** Returns true if a payment with the method is open. The method must be locked. */
  readonly hasOpenPayment: (id: PaymentMethodId) => Promise<boolean>
}

type PaymentMethodSessions = {
  readonly find: (id: PaymentMethodSessionId) => Promise<PaymentMethodSession | undefined>
}

type PaymentMethodSessionWrites = {
  readonly lock: (id: PaymentMethodSessionId) => Promise<PaymentMethodSession | undefined>
  readonly insert: (session: PaymentMethodSession) => Promise<boolean>
  readonly update: (session: PaymentMethodSession) => Promise<void>
}

type PaymentAttemptReads = {
  readonly find: (id: PaymentAttemptId) => Promise<PaymentAttempt | undefined>
  readonly listBySession: (sessionId: PaymentSessionId) => Promise<readonly PaymentAttempt[]>
  /** Lists the attempts of a link's sessions, newest first, up to `PAYMENT_LINK_PAYMENT_COUNT_MAX`. */
  readonly listByLink: (linkId: PaymentLinkId) => Promise<readonly PaymentAttempt[]>
}

/** The parts of an attempt that the answer of its session shows. */
export type AttemptOutline = Pick<PaymentAttempt, 'id' | 'status' | 'createdAtMs'>

/** One step through all rows of an account, in the order of their creation. */
export type StepThrough<Item> = {
  readonly times: ListTimes
  /** The last item of the step before. Undefined: this is the first step. */
  readonly after: Item | undefined
  readonly countMax: number
}

/** The part of a refund that orders an account's refunds. */
export type RefundKey = Pick<Refund, 'createdAtMs' | 'id'>

/** The part of a posting that orders an account's postings. */
export type PostingKey = Pick<LedgerPosting, 'createdAtMs' | 'kind' | 'sourceId'>

/** A payment with the parts of its session that an export shows. */
export type ExportedPayment = {
  readonly attempt: PaymentAttempt
  readonly session: Pick<
    PaymentSessionRecord,
    | 'amount'
    | 'invoiceNumber'
    | 'referenceNumber'
    | 'echoedJson'
    | 'customerId'
    | 'paymentLinkId'
    | 'virtualAccountId'
    | 'typeFacts'
  >
}

type PaymentAttempts = PaymentAttemptReads & {
  /** Lists the newest attempts that enroll or debit a mandate, newest first. */
  readonly listByMandate: (
    mandate: Pick<Mandate, 'accountId' | 'id'>,
    countMax: number,
  ) => Promise<readonly PaymentAttempt[]>
  /** Calls at the same time share a round trip, except on a distributed database. */
  readonly listOutlines: (sessionId: PaymentSessionId) => Promise<readonly AttemptOutline[]>
  readonly list: (
    accountId: AccountId,
    filter: PaymentFilter,
    page: Page,
  ) => Promise<ListPage<PaymentAttempt>>
  readonly listAfter: (
    accountId: AccountId,
    step: StepThrough<PaymentAttempt>,
  ) => Promise<readonly ExportedPayment[]>
  /** Claims an attempt with a due query. */
  readonly claim: (nowMs: number, leaseMs: number) => Promise<PaymentAttempt | undefined>
}

type PaymentAttemptWrites = PaymentAttemptReads & {
  readonly insert: (attempt: PaymentAttempt) => Promise<boolean>
  readonly update: (attempt: PaymentAttempt) => Promise<void>
}

type Mandates = {
  readonly find: (id: MandateId) => Promise<Mandate | undefined>
  readonly list: (
    accountId: AccountId,
    filter: MandateFilter,
    page: Page,
    nowMs: number,
  ) => Promise<ListPage<Mandate>>
  /** Lists up to `countMax` mandates whose expiry has to be recorded, the longest overdue first. */
  readonly listDue: (nowMs: number, countMax: number) => Promise<readonly MandateId[]>
  /** Claims a mandate with a due query. */
  readonly claim: (nowMs: number, leaseMs: number) => Promise<Mandate | undefined>
}

/** A mandate is locked after the session of its enrollment or debit. */
type MandateWrites = {
  readonly lock: (id: MandateId) => Promise<Mandate | undefined>
  readonly insert: (mandate: Mandate) => Promise<boolean>
  readonly update: (mandate: Mandate) => Promise<void>
  /** Returns true if a customer has a mandate that has not ended. */
  readonly hasOpen: (
    accountId: AccountId,
    customerId: CustomerId,
    nowMs: number,
  ) => Promise<boolean>
}

type MandateNotificationReads = {
  readonly find: (id: MandateNotificationId) => Promise<MandateNotification | undefined>
}

type MandateNotifications = MandateNotificationReads & {
  readonly listByMandate: (
    id: MandateId,
    countMax: number,
  ) => Promise<readonly MandateNotification[]>
  /** Claims a notification that is due to be sent or queried. */
  readonly claim: (nowMs: number, leaseMs: number) => Promise<MandateNotification | undefined>
}

type MandateNotificationWrites = MandateNotificationReads & {
  readonly insert: (notification: MandateNotification) => Promise<boolean>
  /** Writes the processor's answer. False: the notification had a final status, and nothing was written. */
  readonly update: (notification: MandateNotification) => Promise<boolean>
}

type MandateDebits = {
  /** Claims a debit whose charge is due. */
  readonly claim: (nowMs: number, leaseMs: number) => Promise<MandateDebit | undefined>
}

/** Debits of mandates, inside a transaction that has locked the mandate. */
type MandateDebitWrites = {
  /** Undefined: the payment has no debit, or its debit has failed. */
  readonly find: (
    mandateId: MandateId,
    attemptId: PaymentAttemptId,
  ) => Promise<MandateDebit | undefined>
  readonly findByCycle: (mandateId: MandateId, cycleOn: string) => Promise<MandateDebit | undefined>
  readonly findByNotification: (id: MandateNotificationId) => Promise<MandateDebit | undefined>
  /** The database refuses a second debit of a cycle or a notification. */
  readonly insert: (debit: MandateDebit) => Promise<void>
  /** Writes the status, the time of the charge, and the time at which the wait for the notice began. */
  readonly update: (debit: MandateDebit) => Promise<void>
  /** Deletes a debit that has failed. */
  readonly delete: (mandateId: MandateId, attemptId: PaymentAttemptId) => Promise<void>
}

type RefundReads = {
  readonly find: (id: RefundId) => Promise<Refund | undefined>
}

type Refunds = RefundReads & {
  /** All refunds of an attempt, oldest first. */
  readonly listByPayment: (attemptId: PaymentAttemptId) => Promise<readonly Refund[]>
  readonly listPage: (attemptId: PaymentAttemptId, page: Page) => Promise<ListPage<Refund>>
  readonly listAfter: (
    accountId: AccountId,
    step: StepThrough<RefundKey>,
  ) => Promise<readonly Refund[]>
  readonly count: (accountId: AccountId, times: ListTimes, countMax: number) => Promise<number>
  /** Claims a refund that is due to be sent or queried. */
  readonly claim: (nowMs: number, leaseMs: number) => Promise<Refund | undefined>
}

type RefundWrites = RefundReads & {
  readonly insert: (refund: Refund) => Promise<boolean>
  /** Lists the refunds of an attempt that have not ended, oldest first. */
  readonly listOpen: (attemptId: PaymentAttemptId) => Promise<readonly Refund[]>
  /** Writes the processor's answer. False: the refund had ended already, and nothing was written. */
  readonly update: (refund: Refund) => Promise<boolean>
}

type RefundApprovals = {
  readonly find: (id: RefundApprovalId) => Promise<RefundApproval | undefined>
  /** Finds the waiting request of a payment, even if its time has ended. */
  readonly findWaiting: (attemptId: PaymentAttemptId) => Promise<RefundApproval | undefined>
  /**
   * Lists up to `countMax` requests of an account, newest first, then up to `countMax` older ones that wait at `nowMs`.
   */
  readonly list: (
    accountId: AccountId,
    nowMs: number,
    countMax: number,
  ) => Promise<readonly RefundApproval[]>
  readonly listPage: (
    accountId: AccountId,
    times: ListTimes,
    page: Page,
  ) => Promise<ListPage<RefundApproval>>
  /** Counts the requests of an account that wait at `nowMs`, without those of the operator `operatorId`. */
  readonly countWaiting: (
    accountId: AccountId,
    operatorId: string,
    nowMs: number,
  ) => Promise<number>
}

/** Requests for refunds, inside a transaction that has locked the session of their payment. */
type RefundApprovalWrites = Pick<RefundApprovals, 'find' | 'findWaiting'> & {
  /** Marks the waiting request of a payment as expired if its time has ended. */
  readonly endExpired: (attemptId: PaymentAttemptId, nowMs: number) => Promise<void>
  readonly insert: (approval: RefundApproval) => Promise<boolean>
  /** Writes a decision. False: the request does not wait any more, and nothing was written. */
  readonly update: (approval: RefundApproval) => Promise<boolean>
}

type DisputeReads = {
  readonly find: (id: DisputeId) => Promise<Dispute | undefined>
  /** Finds the open dispute of a payment, otherwise its newest one. Undefined: it was never disputed. */
  readonly findCurrent: (attemptId: PaymentAttemptId) => Promise<Dispute | undefined>
  readonly findByProcessorReference: (
    attemptId: PaymentAttemptId,
    processorReference: string,
  ) => Promise<Dispute | undefined>
}

type Disputes = DisputeReads & {
  readonly list: (
    accountId: AccountId,
    filter: DisputeFilter,
    page: Page,
  ) => Promise<ListPage<Dispute>>
}

type DisputeWrites = DisputeReads & {
  readonly insert: (dispute: Dispute) => Promise<boolean>
  /** Writes the decision. False: the dispute was decided before, and nothing was written. */
  readonly decide: (dispute: Dispute) => Promise<boolean>
}

type TransferReads = {
  readonly find: (id: TransferId) => Promise<Transfer | undefined>
  /** All transfers of an attempt, by number. */
  readonly listByPayment: (attemptId: PaymentAttemptId) => Promise<readonly Transfer[]>
}

type Transfers = TransferReads & {
  /** Lists an account's transfers, newest first unless the filter asks for the oldest first. */
  readonly list: (
    accountId: AccountId,
    filter: TransferFilter,
    page: Page,
  ) => Promise<ListPage<Transfer>>
  readonly listAfter: (
    accountId: AccountId,
    step: StepThrough<Transfer>,
  ) => Promise<readonly Transfer[]>
}

type TransferWrites = TransferReads & {
  readonly insert: (transfer: Transfer) => Promise<boolean>
  readonly update: (transfer: Transfer) => Promise<void>
}

type TransferReversals = {
  readonly find: (id: TransferReversalId) => Promise<TransferReversal | undefined>
  /** Lists an account's reversals, newest first unless the filter asks for the oldest first. */
  readonly list: (
    accountId: AccountId,
    filter: TransferFilter,
    page: Page,
  ) => Promise<ListPage<TransferReversal>>
}

type TransferReversalWrites = {
  readonly insert: (reversal: TransferReversal) => Promise<boolean>
}

type VirtualAccounts = {
  readonly find: (id: VirtualAccountId) => Promise<VirtualAccount | undefined>
  /** Finds a virtual account of any merchant. */
  readonly findByNumber: (accountNumber: string) => Promise<VirtualAccount | undefined>
  readonly list: (
    accountId: AccountId,
    filter: VirtualAccountFilter,
    page: Page,
    nowMs: number,
  ) => Promise<ListPage<VirtualAccount>>
  /** Lists the transfers to a virtual account, by default the newest first. */
  readonly listTransfers: (
    id: VirtualAccountId,
    filter: BankTransferFilter,
    page: Page,
  ) => Promise<ListPage<BankTransfer>>
  /** Returns up to `countMax` active virtual accounts whose end has to be recorded, the longest overdue first. */
  readonly listDue: (nowMs: number, countMax: number) => Promise<readonly VirtualAccountId[]>
  /** Returns up to `countMax` transfers that the bank reverses now, the longest overdue first. */
  readonly listToReverse: (nowMs: number, countMax: number) => Promise<readonly BankTransfer[]>
  /** Returns the virtual account whose end has to be reported to the processor next. */
  readonly findToClose: (nowMs: number) => Promise<VirtualAccount | undefined>
  /** Returns the transfer whose decision has to be reported to the processor next. */
  readonly findToDecide: (nowMs: number) => Promise<BankTransfer | undefined>
}

/** A virtual account is locked before its sessions. */
type VirtualAccountWrites = {
  readonly lock: (id: VirtualAccountId) => Promise<VirtualAccount | undefined>
  /** False: the id or the account number is taken, and nothing was stored. */
  readonly insert: (account: VirtualAccount) => Promise<boolean>
  readonly update: (account: VirtualAccount) => Promise<void>
  /** Returns true if a customer has an active virtual account of the merchant. */
  readonly hasActive: (
    accountId: AccountId,
    customerId: CustomerId,
    nowMs: number,
  ) => Promise<boolean>
  /** Finds a transfer by the bank's reference, in a virtual account that the transaction has locked. */
  readonly findTransfer: (id: VirtualAccountId, utr: string) => Promise<BankTransfer | undefined>
  readonly insertTransfer: (transfer: BankTransfer) => Promise<void>
  /** Writes the status of a transfer whose payment was refunded or disputed. */
  readonly updateTransferStatus: (
    id: PaymentAttemptId,
    status: BankTransfer['status'],
  ) => Promise<void>
  /**
   * Replaces the time of the next call that tells the processor to close the number. `toMs`: the new time; undefined:
   * no call remains. False: another process has replaced the time.
   */
  readonly moveClose: (account: VirtualAccount, toMs: number | undefined) => Promise<boolean>
  /**
   * Replaces the time of the next call that tells the processor whether a transfer was accepted. `toMs`: the new time;
   * undefined: no call remains. False: another process has replaced the time.
   */
  readonly moveDecision: (transfer: BankTransfer, toMs: number | undefined) => Promise<boolean>
  /** Records that the bank takes no more money back. False: it was recorded before. */
  readonly endReversal: (id: PaymentAttemptId) => Promise<boolean>
}

type BalanceTransactions = {
  readonly find: (
    kind: BalanceTransaction['kind'],
    id: BalanceTransaction['id'],
  ) => Promise<BalanceTransactionRecord | undefined>
  /** Lists the transactions of a payout, newest first. `total`: their number. */
  readonly listByPayout: (
    payout: Pick<Payout, 'id'> & { readonly total: number },
    page: Page,
  ) => Promise<ListPage<BalanceTransactionView>>
  /** Lists the transactions of a connected account, newest first unless the filter asks for the oldest first. */
  readonly listByConnectedAccount: (
    accountId: AccountId,
    filter: ConnectedTransactionFilter,
    page: Page,
  ) => Promise<ListPage<BalanceTransactionView>>
  /** Adds up the merchant's balances, one for each currency with a transaction. */
  readonly sum: (accountId: AccountId, nowMs: number) => Promise<readonly CurrencyBalance[]>
}

type BalanceTransactionWrites = {
  /** Stores transactions. Throws when one was stored before. */
  readonly insert: (transactions: readonly BalanceTransaction[]) => Promise<void>
  /**
   * Makes the transaction of a payment available earlier than its bank would. Only a sandbox does this, for a developer
   * who requests a payout without waiting for the bank.
   */
  readonly makeAvailable: (paymentAttemptId: PaymentAttemptId, atMs: number) => Promise<void>
}

type Payouts = {
  readonly find: (id: Payout['id']) => Promise<Payout | undefined>
  /** Finds a payout by the processor's reference. Undefined: it was not reported before. */
  readonly findByProcessorReference: (processorReference: string) => Promise<Payout | undefined>
  /** Lists the payouts that are shown, of the merchant or of a connected account, newest first. */
  readonly list: (
    accountId: AccountId,
    filter: PayoutFilter,
    page: Page,
  ) => Promise<ListPage<Payout>>
  /** Lists all payouts of an account that are shown, oldest first. */
  readonly listAfter: (
    accountId: AccountId,
    step: StepThrough<Payout>,
  ) => Promise<readonly Payout[]>
  /** Returns the payout whose next step is due first. */
  readonly findDue: (nowMs: number) => Promise<Payout | undefined>
  /** Returns the run that is due first. */
  readonly findDueRun: (nowMs: number) => Promise<PayoutRun | undefined>
  /** Returns an account whose runs have not begun. */
  readonly findAccountWithoutRun: () => Promise<AccountId | undefined>
  /** Returns the balance that follows `after` among those with free transactions. */
  readonly findNextBalance: (
    accountId: AccountId,
    after: Balance | undefined,
  ) => Promise<Balance | undefined>
  /**
   * Returns the earliest time in a period, after `fromMs` and up to `toMs`, from which a free transaction is available.
   */
  readonly findNextAvailableMs: (
    accountId: AccountId,
    times: { readonly fromMs: number; readonly toMs: number },
  ) => Promise<number | undefined>
  /** Adds up the free transactions of a balance that are available at a time. */
  readonly sumDue: (accountId: AccountId, balance: Balance, atMs: number) => Promise<DueSum>
}

type PayoutWrites = {
  readonly lock: (id: Payout['id']) => Promise<Payout | undefined>
  readonly insert: (payout: Payout) => Promise<boolean>
  readonly update: (payout: Payout) => Promise<void>
  /** Returns the greatest bank reference that begins with `prefix`. */
  readonly findLastReference: (prefix: string) => Promise<string | undefined>
  /**
   * Takes up to `countMax` free transactions that were available when the payout was made, in the order of the times at
   * which they became available. The runs of the account must be locked.
   */
  readonly take: (payout: Payout, countMax: number) => Promise<readonly BalanceTransactionRecord[]>
  /**
   * Finds balance transactions by their keys, and locks them until the database transaction ends. Leaves out unknown
   * keys.
   */
  readonly findByKeys: (
    keys: readonly BalanceTransactionKey[],
  ) => Promise<readonly BalanceTransactionRecord[]>
  /** Puts free transactions into a payout. */
  readonly attach: (
    payout: Pick<Payout, 'id'>,
    transactions: readonly BalanceTransactionRecord[],
  ) => Promise<void>
  /**
   * Releases up to `countMax` transactions of a payout that is not shown, and deletes them from its list. The last
   * call deletes the payout and returns true.
   */
  readonly discard: (id: Payout['id'], countMax: number) => Promise<boolean>
  /** Releases up to `countMax` transactions of a payout. Returns the number of released ones. */
  readonly release: (id: Payout['id'], countMax: number) => Promise<number>
  /**
   * Locks the runs of an account until the database transaction ends, so that one process at a time changes which
   * balance transactions are in payouts. Undefined: its runs have not begun.
   */
  readonly lockRun: (accountId: AccountId) => Promise<PayoutRun | undefined>
  /** Stores the first run of an account, unless its runs have begun. */
  readonly beginRuns: (run: PayoutRun) => Promise<void>
  readonly updateRun: (run: PayoutRun) => Promise<void>
}

/** A list of a processor's reports. */
export type FeedName = 'transfers' | 'payouts' | 'disputes'

/** The position of Paydesk in a list of a processor's reports. */
export type ProcessorFeed = {
  /** The processor's mark after the last recorded page. Undefined: no page was recorded. */
  readonly position: string | undefined
  readonly nextReadAtMs: number
}

type ProcessorFeeds = {
  /**
   * Claims a list that is due, for the length of the lease, so that one server reads it. Undefined: it is not due, or
   * another server reads it.
   */
  readonly claim: (
    name: FeedName,
    nowMs: number,
    leaseMs: number,
  ) => Promise<Pick<ProcessorFeed, 'position'> | undefined>
  /** Ends a claim. */
  readonly put: (name: FeedName, feed: ProcessorFeed) => Promise<void>
}

type Ledger = {
  /** Compares the books with the payments. Reads all of both. `onPart` is called before each part of the work. */
  readonly check: (onPart?: (part: LedgerCheckPart) => void) => Promise<LedgerReport>
  readonly listAfter: (
    accountId: AccountId,
    step: StepThrough<PostingKey>,
  ) => Promise<readonly LedgerPosting[]>
  readonly count: (accountId: AccountId, times: ListTimes, countMax: number) => Promise<number>
}

/** A part of a check of the ledger. */
export type LedgerCheckPart = 'postings' | 'payments' | 'discrepancies' | 'dependents'

/** The stored result of a check of the ledger. */
export type LedgerCheck = {
  /** The time at which it began. */
  readonly checkedAtMs: number
  readonly durationMs: number
  readonly postingCount: number
  /** 0: the ledger agrees with the payments. */
  readonly discrepancyCount: number
}

/** A check that runs, or has run, in a server. */
export type LedgerCheckRun = {
  readonly startedAtMs: number
  /** The server moves this time ahead while it works. After this time the run has ended. */
  readonly aliveUntilMs: number
  readonly part: LedgerCheckPart
  /** True: it ended without a result. */
  readonly hasFailed: boolean
}

/** The results of checks of the ledger, and the check that a server runs. */
type LedgerChecks = {
  /** Stores a result with its balances, unless that of a later check is stored. */
  readonly record: (
    check: LedgerCheck,
    report: Pick<LedgerReport, 'balances' | 'discrepancies'>,
  ) => Promise<void>
  /** Returns the last stored result. Undefined: no check was stored. */
  readonly findLast: () => Promise<LedgerCheck | undefined>
  /**
   * Returns the first discrepancies of the last result, at most 100, in its order. Undefined: there is no result, or an
   * older version stored it without them.
   */
  readonly listDiscrepancies: () => Promise<LedgerReport['discrepancies'] | undefined>
  /** Lists the balances of an account at a check: first its own, then those of connected accounts. */
  readonly listBalances: (
    accountId: AccountId,
    checkedAtMs: number,
    countMax: number,
  ) => Promise<readonly LedgerBalance[]>
  /**
   * Stores a run, unless another one is alive. A run that seems alive for longer than `aliveMsMax` is replaced, because
   * a wrong clock stored it. False: nothing was stored.
   */
  readonly beginRun: (run: LedgerCheckRun, aliveMsMax: number) => Promise<boolean>
  /** Writes the progress or the end of a run, unless another one has replaced it. */
  readonly updateRun: (run: LedgerCheckRun) => Promise<void>
  /** Undefined: no run was ever started. */
  readonly findRun: () => Promise<LedgerCheckRun | undefined>
}

/** The ledger only grows. */
type LedgerWrites = {
  /** Adds postings. Throws when one was posted before. */
  readonly insert: (postings: readonly LedgerPosting[]) => Promise<void>
}

type Messages = {
  /** Undefined: no such message, or it was deleted at the end of its retention. */
  readonly find: (id: MessageId) => Promise<Message | undefined>
  readonly list: (accountId: AccountId, page: Page) => Promise<ListPage<Message>>
  /** Lists the first messages about an object, oldest first. */
  readonly listBySubject: (
    id: Message['subjectId'],
    countMax: number,
  ) => Promise<readonly Message[]>
  /**
   * Claims a message that is due: sets it to `sending`, so that after a crash everybody knows that it may have been
   * sent.
   */
  readonly claim: (nowMs: number, leaseMs: number) => Promise<ClaimedMessage | undefined>
}

type MessageWrites = {
  /** Stores a message. `id_taken` and `cause_known`: nothing was stored. */
  readonly insert: (message: Message) => Promise<'stored' | 'id_taken' | 'cause_known'>
  readonly lock: (id: MessageId) => Promise<Message | undefined>
  readonly update: (message: Message) => Promise<void>
}

/** The place of an event in an account's list. */
export type WebhookEventPosition = Pick<WebhookEvent, 'id' | 'createdAtMs'>

type WebhookEvents = {
  readonly find: (id: WebhookEventId) => Promise<WebhookEvent | undefined>
  readonly list: (
    accountId: AccountId,
    filter: WebhookEventFilter,
    page: Page,
  ) => Promise<ListPage<WebhookEvent>>
  /** Lists up to `countMax` of an account's events, oldest first, starting after `after`. */
  readonly listAfter: (
    accountId: AccountId,
    filter: WebhookEventFilter,
    after: WebhookEventPosition | undefined,
    countMax: number,
  ) => Promise<readonly WebhookEventPosition[]>
  readonly count: (
    accountId: AccountId,
    filter: ListTimes & Required<Pick<WebhookEventFilter, 'types'>>,
    countMax: number,
  ) => Promise<number>
}

type WebhookEventWrites = {
  /**
   * Stores an event, and a delivery for each active or disabled endpoint of the account that subscribes to its type:
   * due at once for an active endpoint, held for a disabled one.
   */
  readonly insert: (event: WebhookEvent) => Promise<boolean>
}

type WebhookEndpoints = {
  /** Undefined: no such endpoint, or it was deleted. */
  readonly find: (id: WebhookEndpointId) => Promise<WebhookEndpoint | undefined>
  /** All endpoints of an account, oldest first. */
  readonly list: (accountId: AccountId) => Promise<readonly WebhookEndpoint[]>
  /** Records that an endpoint accepted a delivery. Writes at most once a minute. */
  readonly recordAcceptance: (id: WebhookEndpointId, atMs: number) => Promise<void>
}

type WebhookEndpointWrites = {
  /** Locks the account's endpoints until the transaction ends, so that they can be counted. */
  readonly lock: (accountId: AccountId) => Promise<readonly WebhookEndpoint[]>
  readonly insert: (endpoint: WebhookEndpoint) => Promise<boolean>
  /** Stores an endpoint, or its changed fields. The rows of its deliveries do not change. */
  readonly put: (endpoint: WebhookEndpoint) => Promise<void>
  /** Deletes an endpoint: nothing more is sent to it. Its log and the rows of its deliveries stay. */
  readonly delete: (id: WebhookEndpointId, nowMs: number) => Promise<void>
}

type WebhookDeliveryReads = {
  /** Undefined: the event had no delivery to this endpoint. */
  readonly find: (
    eventId: WebhookEventId,
    endpointId: WebhookEndpointId,
  ) => Promise<WebhookDelivery | undefined>
  /** All deliveries of an event, by endpoint. */
  readonly listByEvent: (eventId: WebhookEventId) => Promise<readonly WebhookDelivery[]>
}

type WebhookDeliveries = WebhookDeliveryReads & {
  readonly list: (
    endpointId: WebhookEndpointId,
    filter: WebhookDeliveryFilter,
    page: Page,
  ) => Promise<ListPage<WebhookDelivery>>
  /** All attempts of a delivery, oldest first. */
  readonly listAttempts: (
    eventId: WebhookEventId,
    endpointId: WebhookEndpointId,
  ) => Promise<readonly WebhookDeliveryAttempt[]>
  /**
   * Claims deliveries that are due, for the length of the lease and within the limits. Accounts take turns, and so do
   * the endpoints of each account. Of each endpoint it takes the longest overdue delivery and, if not all fit, others
   * from a random place. The result begins with the longest overdue delivery.
   */
  readonly claim: (
    nowMs: number,
    leaseMs: number,
    limits: ClaimLimits,
  ) => Promise<readonly ClaimedDelivery[]>
  /**
   * Ends the leases of claimed deliveries that were not sent, so that they are due as before. Deliveries that have
   * changed in the meantime keep their change.
   */
  readonly returnClaims: (claims: readonly ClaimedDelivery[]) => Promise<void>
  /**
   * Restarts held deliveries whose endpoints are active, and cancels those whose endpoints were deleted, up to
   * `countMax`. Returns the number of both.
   */
  readonly releaseHeld: (nowMs: number, countMax: number) => Promise<number>
  /**
   * Records an attempt, in one commit with those that arrive while another commit is under way. Returns the
   * delivery after the attempt. Undefined: no such delivery.
   */
  readonly recordAttempt: (record: DeliveryRecord) => Promise<WebhookDelivery | undefined>
  /** Calls back after each commit of this process that may have made a delivery due. */
  readonly onDue: (listener: () => void) => void
}

/** A change of the status of stored deliveries. `pending` means due at once. */
type StoredDeliveryMove = {
  readonly from: 'pending' | 'given_up'
  readonly to: 'pending' | 'held' | 'canceled'
}

type WebhookDeliveryWrites = WebhookDeliveryReads & {
  /** Changes an endpoint's deliveries of these events if they have the status `from`. */
  readonly move: (
    endpointId: WebhookEndpointId,
    eventIds: readonly WebhookEventId[],
    move: StoredDeliveryMove,
    nowMs: number,
  ) => Promise<void>
  /** Restarts the deliveries of events to an endpoint, and creates missing ones. Returns the number of both. */
  readonly resend: (
    endpoint: WebhookEndpoint,
    eventIds: readonly WebhookEventId[],
    nowMs: number,
  ) => Promise<number>
}

type AccountReads = {
  readonly find: (id: AccountId) => Promise<Account | undefined>
}

type Accounts = AccountReads & {
  /** By id. */
  readonly list: () => Promise<readonly Account[]>
  readonly findKeys: (id: AccountId) => Promise<AccountKeys | undefined>
  readonly findLogo: (file: string) => Promise<Uint8Array | undefined>
}

type AccountWrites = AccountReads & {
  readonly insert: (account: AccountInsert, nowMs: number) => Promise<boolean>
  /** Stores an account, or its changed fields except the settings of payouts. */
  readonly put: (account: AccountInsert, nowMs: number) => Promise<void>
  readonly lock: (id: AccountId) => Promise<Account | undefined>
  /** Writes the settings of a locked account. Its secrets do not change. */
  readonly update: (account: Account) => Promise<void>
  readonly lockKeys: (id: AccountId) => Promise<AccountKeys | undefined>
  /** Writes the keys of a locked account. */
  readonly updateKeys: (id: AccountId, keys: AccountKeys) => Promise<void>
  /** Stores a logo, for the accounts that use its file. */
  readonly putLogo: (logo: Logo, nowMs: number) => Promise<void>
}

type ConnectedAccounts = {
  /** Undefined: the account has no such connected account. */
  readonly find: (accountId: AccountId, id: AccountId) => Promise<ConnectedAccount | undefined>
  readonly list: (
    accountId: AccountId,
    filter: ConnectedAccountFilter,
    page: Page,
  ) => Promise<ListPage<ConnectedAccount>>
  /** Returns the ids that belong to connected accounts of the account. */
  readonly findIds: (
    accountId: AccountId,
    ids: readonly AccountId[],
  ) => Promise<ReadonlySet<AccountId>>
}

type ConnectedAccountWrites = {
  readonly insert: (account: ConnectedAccount) => Promise<boolean>
  /** Stores a connected account, or its new name. */
  readonly put: (account: ConnectedAccount) => Promise<void>
}

type Customers = {
  /** Finds deleted customers too. */
  readonly find: (id: CustomerId) => Promise<CustomerRecord | undefined>
  /** Without deleted customers. */
  readonly list: (
    accountId: AccountId,
    filter: CustomerFilter,
    page: Page,
  ) => Promise<ListPage<CustomerRecord>>
}

type CustomerWrites = {
  /** Locks even a deleted customer. */
  readonly lock: (id: CustomerId) => Promise<CustomerRecord | undefined>
  readonly insert: (customer: CustomerRecord) => Promise<boolean>
  readonly update: (customer: CustomerRecord) => Promise<void>
}

type Clients = {
  readonly find: (id: string) => Promise<Client | undefined>
  /** By id. */
  readonly list: () => Promise<readonly Client[]>
}

type ClientWrites = {
  /** Stores a client, or its changed fields. */
  readonly put: (client: Client, nowMs: number) => Promise<void>
  readonly lock: (id: string) => Promise<Client | undefined>
  /** Deletes a client with its codes and tokens. */
  readonly delete: (id: string) => Promise<void>
}

type TokenReads = {
  /** Lists up to `countMax` tokens that have not expired, by client. */
  readonly list: (
    filter: TokenFilter,
    nowMs: number,
    countMax: number,
  ) => Promise<readonly ListedToken[]>
}

/** Tokens and codes are identified by their hash. */
type Tokens = TokenReads & {
  /** Undefined: no such token. Expired tokens are returned too, until they are deleted. */
  readonly findAccessToken: (tokenHash: string) => Promise<AccessToken | undefined>
}

/** Tokens and codes are identified by their hash. */
type TokenWrites = TokenReads & {
  readonly deleteCodes: (clientId: string) => Promise<void>
  readonly insertCode: (codeHash: string, code: AuthorizationCode) => Promise<void>
  /**
   * Marks a code as used. The second use returns the grant as `usedCode`, so that the caller can revoke the tokens
   * of the first use. Undefined: no such code.
   */
  readonly useCode: (
    codeHash: string,
    nowMs: number,
  ) => Promise<AuthorizationCode | { readonly usedCode: AuthorizationCode } | undefined>
  /**
   * Stores a refresh token. If the client then has more than `countMax` for the same accounts, deletes the oldest ones.
   */
  readonly insertRefreshToken: (
    tokenHash: string,
    grant: Grant,
    nowMs: number,
    countMax: number,
  ) => Promise<void>
  /** Keeps the token from being revoked before the transaction ends. */
  readonly lockRefreshToken: (tokenHash: string) => Promise<Grant | undefined>
  readonly insertAccessToken: (
    tokenHash: string,
    token: AccessToken,
    refreshTokenHash: string | undefined,
  ) => Promise<void>
  readonly deleteAllByGrant: (grantId: string) => Promise<void>
  /** Deletes the grant's refresh tokens, and its access tokens that were not made from a refresh token. */
  readonly deleteDirectByGrant: (grantId: string) => Promise<void>
  /**
   * Deletes the valid tokens of a client, and returns their number. `accountIds`: only the tokens for any of these
   * accounts.
   */
  readonly deleteAllByClient: (
    clientId: string,
    nowMs: number,
    accountIds?: readonly AccountId[],
  ) => Promise<number>
  /** Deletes a token of either kind. A refresh token's access tokens are deleted with it. False: no such token. */
  readonly delete: (tokenHash: string) => Promise<boolean>
}

type Operators = {
  /** Returns true if an operator exists, even a disabled one. */
  readonly areAny: () => Promise<boolean>
  readonly find: (id: string) => Promise<OperatorRecord | undefined>
  /** Finds the operator with an e-mail address in lower case. */
  readonly findByEmail: (email: string) => Promise<OperatorRecord | undefined>
  readonly findByInvitation: (tokenHash: string) => Promise<OperatorRecord | undefined>
  /** Lists all operators by e-mail address. */
  readonly list: () => Promise<readonly OperatorRecord[]>
  /** Finds a session, even if its time has ended. */
  readonly findSession: (tokenHash: string) => Promise<OperatorSession | undefined>
  /** Lists the newest 100 sessions of an operator, newest first, including those whose time has ended. */
  readonly listSessions: (operatorId: string) => Promise<readonly OperatorSession[]>
} & PasskeyReads &
  SavedSearchReads

type SavedSearchReads = {
  /** Lists the saved searches of an operator, by view and name. */
  readonly listSearches: (operatorId: string) => Promise<readonly SavedSearch[]>
}

type PasskeyReads = {
  readonly findPasskey: (credentialId: string) => Promise<Passkey | undefined>
  /** Oldest first. */
  readonly listPasskeys: (operatorId: string) => Promise<readonly Passkey[]>
}

type OperatorWrites = {
  /** False: another operator has the e-mail address or the identity, and nothing was stored. */
  readonly insert: (operator: OperatorRecord) => Promise<boolean>
  readonly lock: (id: string) => Promise<OperatorRecord | undefined>
  readonly lockByIdentity: (identity: OperatorIdentity) => Promise<OperatorRecord | undefined>
  /** Writes all fields but the id, the e-mail address and the time of creation. */
  readonly update: (operator: OperatorRecord) => Promise<void>
  readonly insertSession: (session: OperatorSession) => Promise<void>
  /** Stores the time of the last request. */
  readonly touchSession: (tokenHash: string, seenAtMs: number) => Promise<void>
  /** Returns 0 if there is no such session, otherwise 1. */
  readonly deleteSession: (tokenHash: string) => Promise<number>
  /** Deletes all sessions of an operator. Returns their number. */
  readonly deleteSessions: (operatorId: string) => Promise<number>
  /** Deletes all sessions of an operator but one. Returns their number. */
  readonly deleteOtherSessions: (operatorId: string, tokenHash: string) => Promise<number>
  /** Undefined: nothing has been counted. */
  readonly lockCount: (key: string) => Promise<SignInCount | undefined>
  readonly putCount: (key: string, count: SignInCount) => Promise<void>
  readonly deleteCount: (key: string) => Promise<void>
  /** Records that a challenge of a sign-in was used. False: it was used before. */
  readonly useChallenge: (challengeHash: string, endsAtMs: number) => Promise<boolean>
  /** False: a passkey with the id exists, and nothing was stored. */
  readonly insertPasskey: (passkey: Passkey) => Promise<boolean>
  readonly updatePasskey: (passkey: Passkey) => Promise<void>
  readonly deletePasskey: (credentialId: string) => Promise<void>
  readonly deletePasskeys: (operatorId: string) => Promise<void>
  /** False: the operator has a search of the view with this name, and nothing was stored. */
  readonly insertSearch: (search: SavedSearch) => Promise<boolean>
  readonly renameSearch: (search: SavedSearch) => Promise<void>
  readonly deleteSearch: (search: Pick<SavedSearch, 'id' | 'operatorId'>) => Promise<void>
} & PasskeyReads &
  SavedSearchReads

type IdempotencyReads = {
  /** Undefined: the key is new, or older than `liveFromMs`. */
  readonly find: (
    bucket: number,
    identityHash: string,
    liveFromMs: number,
  ) => Promise<IdempotentAnswer | undefined>
}

type IdempotencyWrites = IdempotencyReads & {
  /**
   * Stores an answer. An answer under the same key is replaced unless it is newer than `liveFromMs`. Waits for another
   * transaction that has stored an answer under this key. False: a newer answer exists, and nothing was stored.
   */
  readonly put: (answer: IdempotentAnswer, nowMs: number, liveFromMs: number) => Promise<boolean>
}

type AuditLog = {
  readonly list: (filter: AuditFilter, countMax: number) => Promise<readonly AuditEntry[]>
  readonly count: (filter: AuditFilter, countMax: number) => Promise<number>
}

/** The audit log only grows: the database refuses other changes. */
type AuditLogWrites = {
  /** Adds an entry with the next number. Other transactions that add one wait until this transaction ends. */
  readonly insert: (entry: Omit<AuditEntry, 'number'>) => Promise<void>
}

/** Attempts, refunds, deliveries and messages that wait for a processor, a receiver or a messenger. */
type OpenWorkSearches = {
  /**
   * Returns the earliest time after `afterMs` at which work is due: a query, a delivery, a message, a debit, the reversal
   * of a bank transfer, the end of an object, a payout or a run of payouts. Undefined: nothing waits.
   */
  readonly findNextDueMs: (afterMs: number) => Promise<number | undefined>
  /**
   * Returns the creation times of the oldest open attempt, refund, delivery and message. It reads only the ten thousand
   * rows of each kind that are due first, and the ten thousand that are due last. A kind without open rows is missing.
   */
  readonly findOldest: () => Promise<ReadonlyMap<OpenWork, number>>
  /** Returns the earliest time of each kind of work that is due. A kind of which nothing is due has none. */
  readonly findFirstDue: (nowMs: number) => Promise<ReadonlyMap<DueWork, number>>
  /**
   * Counts the open rows of each kind by their age: one number for each limit, and one for all older rows. A row counts
   * at the first limit above its age. `ageLimitsMs`: ascending. It counts only the ten thousand rows of each kind that
   * are due first.
   */
  readonly countByAge: (
    nowMs: number,
    ageLimitsMs: readonly number[],
  ) => Promise<ReadonlyMap<OpenWork, readonly number[]>>
  /**
   * Counts the open work of an account by its age, as `countByAge` does. It reads up to `OPEN_WORK_COUNT_MAX` rows of
   * each kind. The refunds among them are the first due ones of all accounts, so it can miss refunds of the account.
   */
  readonly countOfAccount: (
    accountId: AccountId,
    nowMs: number,
    ageLimitsMs: readonly number[],
  ) => Promise<ReadonlyMap<AccountOpenWork, readonly number[]>>
  /**
   * Returns true if this server may search now for due work of a kind, such as `send refunds`. On a distributed database,
   * where a search asks every shard, only one server may search in each interval (in milliseconds); otherwise every server may.
   */
  readonly takeTurn: (kind: string, intervalMs: number) => Promise<boolean>
}

/** The maximum number of open rows of each kind that are read to count those of an account. */
export const OPEN_WORK_COUNT_MAX = 10_000

type AccountChanges = {
  /**
   * Returns a text that changes with each new event, payment, session and refund approval of the account. A row that is
   * committed after a newer one can be missed.
   */
  readonly findVersion: (accountId: AccountId) => Promise<string>
}

/** The kinds of open work of an account. A payment is one whose session is in progress. */
export type AccountOpenWork = 'payment' | 'refund' | 'delivery' | 'dispute'

/** A period from `fromMs` (included) to `toMs` (excluded). */
export type TimeRange = { readonly fromMs: number; readonly toMs: number }

/** The counts of a quarter of an hour. */
export type CountedQuarter = {
  readonly fromMs: number
  readonly counts: PaymentCounts
  /** The time of the next count. Undefined: the counts are final. */
  readonly recountAtMs: number | undefined
}

/** The progress of counting an account. */
export type PaymentCountRun = {
  readonly accountId: AccountId
  /** All quarters before this time are counted. */
  readonly countedToMs: number
  /** The time of the next step, or the end of the claim of a server. */
  readonly nextRunAtMs: number
}

/** The counts of payments and refunds by the quarter of an hour of their beginning, outside a transaction. */
type PaymentCountReads = {
  /**
   * Counts the payments and refunds of a period, oldest first, up to ten thousand of each. `countedToMs`: the end of the
   * counted part. Only quarters with payments or refunds have counts.
   */
  readonly count: (
    accountId: AccountId,
    times: TimeRange,
  ) => Promise<{
    readonly countedToMs: number
    readonly quarters: readonly Pick<CountedQuarter, 'fromMs' | 'counts'>[]
  }>
  /** Returns the time of the first payment or refund in a period. */
  readonly findFirstMs: (accountId: AccountId, times: TimeRange) => Promise<number | undefined>
  /** Lists the stored quarters that begin in a period, in no order. */
  readonly list: (accountId: AccountId, times: TimeRange) => Promise<readonly CountedQuarter[]>
  /** Returns the start of a stored quarter whose next count is due. */
  readonly findRecountMs: (accountId: AccountId, nowMs: number) => Promise<number | undefined>
  /** Undefined: the account is not counted. */
  readonly findRun: (accountId: AccountId) => Promise<PaymentCountRun | undefined>
  /** Begins to count an account, unless it is counted already. */
  readonly beginRun: (run: PaymentCountRun) => Promise<void>
  /**
   * Claims the account whose next step is due first, by moving the time of the step to `leaseMs` after `nowMs`. A step
   * more than `waitMsMax` after `nowMs` is treated as due. Undefined: none is due, or another server was faster.
   */
  readonly claimRun: (claim: {
    readonly nowMs: number
    readonly leaseMs: number
    readonly waitMsMax: number
  }) => Promise<PaymentCountRun | undefined>
  /**
   * Stores a quarter, and deletes those before `keptFromMs`. Ends a claim, unless another server has taken over the
   * claim.
   */
  readonly endRun: (
    claim: PaymentCountRun,
    end: Pick<PaymentCountRun, 'countedToMs' | 'nextRunAtMs'> & {
      readonly keptFromMs: number
      readonly quarter?: CountedQuarter | undefined
    },
  ) => Promise<void>
}

/** Facts about the database as a whole. */
export type Installation = {
  /** Stores a fact once. Returns the stored value: an earlier one is kept. */
  readonly stateFact: (name: InstallationFact, value: string) => Promise<string>
  readonly findFact: (name: InstallationFact) => Promise<string | undefined>
  /** Stores a fact in place of an earlier one. */
  readonly replaceFact: (name: InstallationFact, value: string) => Promise<void>
  /**
   * Moves the stored time up to which rows are treated as expired. False: another process has moved it since it was
   * read.
   */
  readonly advanceExpiryTime: (fromMs: number, toMs: number) => Promise<boolean>
}

type InstallationWrites = {
  readonly lockFact: (name: InstallationFact) => Promise<string | undefined>
  /** Stores a fact, or replaces it. */
  readonly putFact: (name: InstallationFact, value: string) => Promise<void>
}

/** The places of sealed values. */
export const SEALED_PLACES = [
  'account_signing_keys',
  'previous_account_signing_keys',
  'webhook_keys',
  'previous_webhook_keys',
  'idempotent_answers',
  'saved_method_tokens',
  'operator_code_secrets',
] as const
/** A place of sealed values: a column of a table. */
export type SealedPlace = (typeof SEALED_PLACES)[number]

/** A value that is sealed with a key of the server. */
export type SealedValue = {
  readonly place: SealedPlace
  /** The values of its row's key. */
  readonly key: readonly (string | number)[]
  readonly sealedText: string
}

/** A bucket's rows of one kind that are older than a time. */
export type OldRowsOfBucket = {
  readonly kind: PrunedKind
  readonly bucket: number
  readonly beforeMs: number
}

/** The next old rows of a bucket. */
export type PruneStep = OldRowsOfBucket & {
  /** The stored id of the last row that a step has deleted. 0: the first step. */
  readonly after: number
}

/** The effect of one step. */
export type PrunedRows = {
  readonly deletedCount: number
  /** The `after` of the next step. Undefined: the bucket has no more old rows. */
  readonly nextAfter: number | undefined
}

type OldRows = {
  readonly count: (rows: OldRowsOfBucket) => Promise<number>
  /** Deletes some rows, with the rows that belong to them, in one short transaction. */
  readonly delete: (step: PruneStep) => Promise<PrunedRows>
}

/** An object that has personal data of a customer, with the rows that belong to it. They share its bucket. */
export type PersonalObject =
  | { readonly kind: 'customer'; readonly id: CustomerId }
  | { readonly kind: 'payment_link'; readonly id: PaymentLinkId }
  | { readonly kind: 'session'; readonly id: PaymentSessionId }
  | { readonly kind: 'mandate'; readonly id: MandateId }
  | { readonly kind: 'virtual_account'; readonly id: VirtualAccountId }

/**
 * The state of an object for an erasure. `open`: the customer or the merchant can still use it, and it can be canceled.
 * `in_progress`: a payment is with the processor. `disputed`: a dispute of it is open.
 */
export type PersonalState = 'ended' | 'open' | 'in_progress' | 'disputed'

/** A found object. */
export type FoundObject = {
  readonly object: PersonalObject
  readonly state: PersonalState
  /** True: it belongs to a customer who is not erased, and was found by a contact that an erased customer has too. */
  readonly isOthers: boolean
}

/** The criterion by which objects are found. Contacts are compared with the stored texts exactly. */
export type PersonalSource =
  | {
      readonly by: 'customer'
      readonly kind: 'session' | 'mandate' | 'virtual_account'
      readonly customerId: CustomerId
    }
  | {
      readonly by: 'email' | 'phone'
      readonly kind: 'session' | 'payment_link'
      readonly value: string
    }
  /** Sessions whose checkout page would be filled in with the e-mail address or the digits of the phone number. */
  | { readonly by: 'configurations'; readonly value: string; readonly bucket: number }
  | { readonly by: 'payment_link'; readonly linkId: PaymentLinkId }

/** One step through the objects of a source. */
export type PersonalStep = {
  readonly accountId: AccountId
  readonly source: PersonalSource
  /** The customers who are erased. */
  readonly customerIds: readonly CustomerId[]
  readonly nowMs: number
  /** The position after the last step: stored numbers. Undefined: the first step. */
  readonly after: readonly [number, number] | undefined
}

/** The objects of one step. `nextAfter`: undefined after the last one. */
export type PersonalPage = {
  readonly found: readonly FoundObject[]
  readonly nextAfter: readonly [number, number] | undefined
}

/** The numbers of rows of each kind. */
export type ErasureCounts = Readonly<
  Partial<Record<ErasedKind, { readonly foundCount: number; readonly erasedCount: number }>>
>

type PersonalData = {
  /** Oldest first. */
  readonly list: (step: PersonalStep) => Promise<PersonalPage>
  /**
   * Erases an object and its rows in one transaction, or counts what it would erase. Rows that were erased before are
   * found and not counted as erased. `eraseSealed` returns a sealed answer without personal data.
   */
  readonly erase: (
    object: PersonalObject,
    how: { readonly isDryRun: boolean; readonly eraseSealed: (sealedText: string) => string },
  ) => Promise<ErasureCounts>
}

type SealedValues = {
  /** Lists up to `countMax` values of a place in the order of their keys, starting after a value. */
  readonly list: (
    place: SealedPlace,
    after: SealedValue | undefined,
    countMax: number,
  ) => Promise<readonly SealedValue[]>
}

type SealedValueWrites = {
  /**
   * Replaces a value. False: it was changed or deleted since it was read, and nothing was written.
   */
  readonly replace: (value: SealedValue, newSealedText: string) => Promise<boolean>
}

/**
 * Another transaction held a row for longer than a statement may wait, or both transactions waited for each other.
 * Nothing was written.
 */
export class LockedRowError extends Error {}

/**
 * The reason for an outage: the database does not answer, accepts no writes, or has no space left. `node`: one machine
 * of a distributed database does not answer, and the others do.
 */
export type OutageReason = 'lost' | 'read_only' | 'full' | 'node'

/**
 * The database cannot be used at this moment. If the connection was lost during a commit, the change may be stored:
 * the database shows it when it answers again.
 */
export class StoreUnavailable extends Error {
  readonly reason: OutageReason

  constructor(reason: OutageReason, options?: ErrorOptions) {
    super(OUTAGES[reason], options)
    this.reason = reason
  }
}

const OUTAGES: Readonly<Record<OutageReason, string>> = {
  lost: 'the database does not answer',
  read_only: 'the database accepts no writes',
  full: 'the database has no space left',
  node: 'a machine of the database does not answer',
}

/** The wait of a client before its next try during an outage, in seconds. */
export const OUTAGE_RETRY_SECONDS = 2

/** The name of a fact about a whole database. Each fact has one value. */
type InstallationFact =
  | 'mode'
  | 'secret_key_check'
  /** The key of public ids, sealed. Undefined: it follows from the secret key, which was never replaced. */
  | 'public_id_key_sealed'
  | 'expiry_time_ms'
  /** `hidden`, or `plain` for a database of a version that showed all ids in their stored form. */
  | 'ids_at_first'
  /** The smallest hidden id: the first stored id whose public form differs from its stored form. */
  | 'ids_hidden_from'
  /** A sandbox's clock after its last change. */
  | 'sandbox_clock'

/** The life of an idempotency key, in milliseconds. */
export const IDEMPOTENCY_KEY_LIFE_MS = 24 * 60 * 60_000
