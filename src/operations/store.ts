/** The contracts that operations need: what is around them implements these. */
import type { Account } from '../domain/account.ts'
import type {
  AccountId,
  PaymentAttemptId,
  PaymentSessionId,
  RefundId,
  TransferId,
  TransferReversalId,
  WebhookEndpointId,
  WebhookEventId,
} from '../domain/id.ts'
import type { LedgerPosting } from '../domain/ledger.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { PaymentSession } from '../domain/payment-session.ts'
import type { PublicIds } from '../domain/public-id.ts'
import type {
  AccessToken,
  AccountInsert,
  AccountSecretsStored,
  AuthorizationCode,
  ClaimedDelivery,
  ClaimLimits,
  Client,
  ConnectedAccount,
  CountWebhookEvents,
  DeliveryRecord,
  Grant,
  IdempotentAnswer,
  InsertOutcome,
  LedgerReport,
  ListConnectedAccounts,
  OpenWork,
  Page,
  PaymentFilter,
  PaymentSessionFilter,
  PaymentSessionRecord,
  TransferFilter,
  WebhookDeliveryFilter,
  WebhookEvent,
  WebhookEventFilter,
} from '../domain/records.ts'
import type { Refund } from '../domain/refund.ts'
import type { Transfer, TransferReversal } from '../domain/transfer.ts'
import type { WebhookDelivery, WebhookDeliveryAttempt } from '../domain/webhook-delivery.ts'
import type { WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import type { SandboxCharges } from '../processors/sandbox-charge.ts'

/** What is stored comes with the contracts that store it. */
export type * from '../domain/records.ts'

/** What can be done inside one database transaction. */
export type Transaction = {
  /** Holds the row until the transaction ends. Undefined: there is no such session. */
  readonly lockPaymentSession: (id: PaymentSessionId) => Promise<PaymentSessionRecord | undefined>
  readonly updatePaymentSession: (session: PaymentSession) => Promise<void>
  /** Newest first, with what this transaction has written. */
  readonly listPaymentAttempts: (of: PaymentSessionId) => Promise<readonly PaymentAttempt[]>
  /** Undefined: there is no such attempt. */
  readonly findPaymentAttempt: (id: PaymentAttemptId) => Promise<PaymentAttempt | undefined>
  /** False: the id is taken, and nothing was stored. */
  readonly insertPaymentAttempt: (attempt: PaymentAttempt) => Promise<boolean>
  readonly updatePaymentAttempt: (attempt: PaymentAttempt) => Promise<void>
  /** Undefined: there is no such account. */
  readonly findAccount: (id: AccountId) => Promise<Account | undefined>
  /** False: the id is taken, and nothing was stored. Likewise what follows. */
  readonly insertTransfer: (transfer: Transfer) => Promise<boolean>
  /** Writes what was reversed of it. */
  readonly updateTransfer: (transfer: Transfer) => Promise<void>
  readonly findTransfer: (id: TransferId) => Promise<Transfer | undefined>
  /** Of one attempt, in the order of their numbers. */
  readonly listTransfers: (of: PaymentAttemptId) => Promise<readonly Transfer[]>
  readonly insertTransferReversal: (reversal: TransferReversal) => Promise<boolean>
  readonly insertRefund: (refund: Refund) => Promise<boolean>
  readonly findRefund: (id: RefundId) => Promise<Refund | undefined>
  /** Does nothing to a refund that has ended. False: it had. */
  readonly updateRefund: (refund: Refund) => Promise<boolean>
  /** The ledger only grows. Throws when something is posted twice. */
  readonly insertLedgerPostings: (postings: readonly LedgerPosting[]) => Promise<void>

  /**
   * Stores an event, and a delivery for each endpoint of the account that wants it: due at once for one
   * that is active, held for one that is disabled. False: the id is taken, and nothing was stored.
   */
  readonly insertWebhookEvent: (event: WebhookEvent) => Promise<boolean>
  /** Holds the account's endpoints until the transaction ends, so that they can be counted. */
  readonly lockWebhookEndpoints: (of: AccountId) => Promise<readonly WebhookEndpoint[]>
  /** False: the id is taken, and nothing was stored. */
  readonly insertWebhookEndpoint: (endpoint: WebhookEndpoint) => Promise<boolean>
  /** Stores an endpoint, or all that has changed of it. The rows of its deliveries stay as they are. */
  readonly putWebhookEndpoint: (endpoint: WebhookEndpoint) => Promise<void>
  /** Takes an endpoint away: nothing more is sent to it. Its log stays, and so do the rows, likewise. */
  readonly deleteWebhookEndpoint: (id: WebhookEndpointId, nowMs: number) => Promise<void>
  /**
   * Changes those of an endpoint's deliveries of these events that have the status `from`. To `pending`
   * means due at once.
   */
  readonly moveWebhookDeliveries: (
    of: WebhookEndpointId,
    events: readonly WebhookEventId[],
    from: 'pending' | 'given_up',
    to: 'pending' | 'held' | 'canceled',
    nowMs: number,
  ) => Promise<void>
  /**
   * Begins deliveries of events to an endpoint anew, of those too that it never had. Gives how many.
   */
  readonly resendWebhookEvents: (
    to: WebhookEndpoint,
    events: readonly WebhookEventId[],
    nowMs: number,
  ) => Promise<number>
  /** Undefined: the event was never to be delivered there. */
  readonly findWebhookDelivery: (
    eventId: WebhookEventId,
    endpointId: WebhookEndpointId,
  ) => Promise<WebhookDelivery | undefined>
  /** Of one event, by endpoint, with what this transaction has written. */
  readonly listEventDeliveries: (of: WebhookEventId) => Promise<readonly WebhookDelivery[]>
  /** Undefined: the key is new, or older than `liveFromMs`. */
  readonly findIdempotentAnswer: (
    bucket: number,
    identityHash: string,
    liveFromMs: number,
  ) => Promise<IdempotentAnswer | undefined>
  /**
   * Stores an answer, over one that is not newer than `liveFromMs`. Waits for another transaction that
   * has stored one. False: a newer one is there, and nothing was stored.
   */
  readonly putIdempotentAnswer: (
    answer: IdempotentAnswer,
    nowMs: number,
    liveFromMs: number,
  ) => Promise<boolean>

  readonly insertAuthorizationCode: (codeHash: string, code: AuthorizationCode) => Promise<void>
  /**
   * Marks a code as used, which works once. `used_before` comes with the grant, so that the caller
   * can take back what the first use gave.
   */
  readonly useAuthorizationCode: (
    codeHash: string,
    nowMs: number,
  ) => Promise<AuthorizationCode | { readonly usedBefore: AuthorizationCode } | undefined>
  /** Stores a refresh token and drops the client's oldest ones for these accounts above `countMax`. */
  readonly insertRefreshToken: (
    tokenHash: string,
    grant: Grant,
    nowMs: number,
    countMax: number,
  ) => Promise<void>
  /** Holds the token, so that it is not revoked meanwhile. Undefined: there is no such token. */
  readonly lockRefreshToken: (tokenHash: string) => Promise<Grant | undefined>
  readonly insertAccessToken: (
    tokenHash: string,
    token: AccessToken,
    refreshTokenHash: string | undefined,
  ) => Promise<void>
  /** Deletes every token that came of the grant. */
  readonly deleteGrantTokens: (grantId: string) => Promise<void>
  /** Deletes the grant's tokens, but not the access tokens that were made from its refresh tokens. */
  readonly deleteGivenTokens: (grantId: string) => Promise<void>
  /**
   * Deletes a token of either kind, a refresh token with the access tokens made from it. False: there
   * was no such token.
   */
  readonly deleteToken: (tokenHash: string) => Promise<boolean>

  /** False: the id is taken, and nothing was stored. */
  readonly insertAccount: (account: AccountInsert, nowMs: number) => Promise<boolean>
  /** Stores an account, or all that has changed of it. */
  readonly putAccount: (account: AccountInsert, nowMs: number) => Promise<void>
  /** Stores a connected account, or its new name. */
  readonly putConnectedAccount: (account: ConnectedAccount) => Promise<void>
  /** False: the id is taken, and nothing was stored. */
  readonly insertConnectedAccount: (account: ConnectedAccount) => Promise<boolean>
  readonly putClient: (client: Client, nowMs: number) => Promise<void>
}

/** Another transaction held a row for longer than a statement may wait. Nothing was written. */
export class RowHeld extends Error {}

/** Why the database cannot be used: it does not answer, takes no writes, or has no space left. */
export type OutageReason = 'lost' | 'read_only' | 'full'

/**
 * The database cannot be used at this moment. When the connection was lost during a commit, the change may have been
 * stored all the same: nobody can know before the database answers again.
 */
export class StoreUnavailable extends Error {
  readonly reason: OutageReason
  /** The status with which every route answers it. */
  readonly statusCode = 503

  constructor(reason: OutageReason, options?: ErrorOptions) {
    super(OUTAGES[reason], options)
    this.reason = reason
  }
}

const OUTAGES: Readonly<Record<OutageReason, string>> = {
  lost: 'the database does not answer',
  read_only: 'the database takes no writes',
  full: 'the database has no space left',
}

/** When to come back during an outage, in seconds, for `Retry-After`. */
export const OUTAGE_RETRY_SECONDS = 2

/** Everything that is kept. Both engines implement it and pass one suite. */
export type Store = SandboxCharges & {
  /** The two forms of an id. All ids that this store takes and gives are public. */
  readonly publicIds: PublicIds
  /**
   * Runs the work in one transaction; it must await nothing but this transaction. Throws RowHeld.
   * Like every other function of a store it throws StoreUnavailable during an outage.
   */
  readonly transaction: <Result>(work: (tx: Transaction) => Promise<Result>) => Promise<Result>

  /** The bucket of the batch that is being gathered; a session drawn into it shares its commit. */
  readonly creationBucket: () => number
  /** Stores a new session, in one commit with all that arrive while another commit is under way. */
  readonly insertPaymentSession: (
    session: PaymentSessionRecord,
    answer: IdempotentAnswer | undefined,
    nowMs: number,
  ) => Promise<InsertOutcome>
  /** Undefined: the key is new, or older than `liveFromMs`. */
  readonly findIdempotentAnswer: (
    bucket: number,
    identityHash: string,
    liveFromMs: number,
  ) => Promise<IdempotentAnswer | undefined>
  readonly findPaymentSession: (id: PaymentSessionId) => Promise<PaymentSessionRecord | undefined>
  /** Notes a browser that opens a session in the widget, by its hash. Gives the first one's; undefined: no session. */
  readonly noteOpener: (id: PaymentSessionId, openedByHash: string) => Promise<string | undefined>
  /** Newest first. */
  readonly listPaymentAttempts: (of: PaymentSessionId) => Promise<readonly PaymentAttempt[]>
  /** Undefined: there is no such attempt. */
  readonly findPaymentAttempt: (id: PaymentAttemptId) => Promise<PaymentAttempt | undefined>
  /** Newest first, with how many there are in all. */
  readonly listPayments: (
    accountId: AccountId,
    filter: PaymentFilter,
    page: Page,
  ) => Promise<{ readonly attempts: readonly PaymentAttempt[]; readonly total: number }>
  /**
   * Takes an attempt whose processor is to be asked, for the length of the lease: nobody else gets
   * it before that has passed. Undefined: none is due.
   */
  readonly claimPaymentAttempt: (
    nowMs: number,
    leaseMs: number,
  ) => Promise<PaymentAttempt | undefined>
  /** Takes a refund to send or to ask about, likewise. */
  readonly claimRefund: (nowMs: number, leaseMs: number) => Promise<Refund | undefined>
  /** Of one attempt, oldest first. */
  readonly listRefunds: (of: PaymentAttemptId) => Promise<readonly Refund[]>
  /** Of one attempt, newest first, with how many there are in all. */
  readonly listPaymentRefunds: (
    of: PaymentAttemptId,
    page: Page,
  ) => Promise<{ readonly refunds: readonly Refund[]; readonly total: number }>
  readonly findRefund: (id: RefundId) => Promise<Refund | undefined>
  /** Of one attempt, in the order of their numbers. */
  readonly listTransfers: (of: PaymentAttemptId) => Promise<readonly Transfer[]>
  readonly findTransfer: (id: TransferId) => Promise<Transfer | undefined>
  /** Newest first, with how many there are in all. */
  readonly listAccountTransfers: (
    accountId: AccountId,
    filter: TransferFilter,
    page: Page,
  ) => Promise<{ readonly transfers: readonly Transfer[]; readonly total: number }>
  readonly findTransferReversal: (id: TransferReversalId) => Promise<TransferReversal | undefined>
  /** Newest first, with how many there are in all. */
  readonly listTransferReversals: (
    accountId: AccountId,
    filter: TransferFilter,
    page: Page,
  ) => Promise<{ readonly reversals: readonly TransferReversal[]; readonly total: number }>
  /** Holds the books against the payments. Reads all of them. */
  readonly checkLedger: () => Promise<LedgerReport>

  /** Undefined: there is no such event. */
  readonly findWebhookEvent: (id: WebhookEventId) => Promise<WebhookEvent | undefined>
  /** Newest first, with how many there are in all. */
  readonly listWebhookEvents: (
    accountId: AccountId,
    filter: WebhookEventFilter,
    page: Page,
  ) => Promise<{ readonly events: readonly WebhookEvent[]; readonly total: number }>
  readonly countWebhookEvents: CountWebhookEvents
  /** Oldest first, those that come after `after`. */
  readonly listWebhookEventsFrom: (
    accountId: AccountId,
    filter: WebhookEventFilter,
    after: Pick<WebhookEvent, 'id' | 'createdAtMs'> | undefined,
    countMax: number,
  ) => Promise<readonly Pick<WebhookEvent, 'id' | 'createdAtMs'>[]>
  /** Undefined: there is no such endpoint, or it was deleted. */
  readonly findWebhookEndpoint: (id: WebhookEndpointId) => Promise<WebhookEndpoint | undefined>
  /** Oldest first. */
  readonly listWebhookEndpoints: (of: AccountId) => Promise<readonly WebhookEndpoint[]>
  /**
   * Takes deliveries that are due, for the length of the lease, and not more than the limits let. Accounts
   * take turns, and so do the endpoints of each; of one endpoint the longest overdue come first.
   */
  readonly claimWebhookDeliveries: (
    nowMs: number,
    leaseMs: number,
    limits: ClaimLimits,
  ) => Promise<readonly ClaimedDelivery[]>
  /**
   * Begins held deliveries anew whose endpoints are active, and cancels those whose endpoints were
   * deleted, at most so many. Gives how many.
   */
  readonly releaseHeldDeliveries: (nowMs: number, countMax: number) => Promise<number>
  /**
   * Records an attempt, in one commit with those that arrive while another commit is under way. Gives
   * the delivery after it. Undefined: there is no such delivery.
   */
  readonly recordDeliveryAttempt: (record: DeliveryRecord) => Promise<WebhookDelivery | undefined>
  /** Notes that an endpoint has taken a delivery. Written at most once a minute. */
  readonly noteEndpointAccepted: (id: WebhookEndpointId, atMs: number) => Promise<void>
  readonly findWebhookDelivery: (
    eventId: WebhookEventId,
    endpointId: WebhookEndpointId,
  ) => Promise<WebhookDelivery | undefined>
  /** Of one event, by endpoint. */
  readonly listEventDeliveries: (of: WebhookEventId) => Promise<readonly WebhookDelivery[]>
  /** Newest first, with how many there are in all. */
  readonly listWebhookDeliveries: (
    of: WebhookEndpointId,
    filter: WebhookDeliveryFilter,
    page: Page,
  ) => Promise<{ readonly deliveries: readonly WebhookDelivery[]; readonly total: number }>
  /** Oldest first. */
  readonly listDeliveryAttempts: (
    eventId: WebhookEventId,
    endpointId: WebhookEndpointId,
  ) => Promise<readonly WebhookDeliveryAttempt[]>
  /**
   * The earliest time after this one at which an attempt or a refund is to be asked about, or a delivery
   * to be tried. Undefined: nothing waits.
   */
  readonly findNextDueMs: (afterMs: number) => Promise<number | undefined>
  /**
   * Gives when the oldest open attempt, refund and delivery were made. Of each kind it looks at the ten thousand that
   * are due first and as many that are due last. A kind of which none is open is left out.
   */
  readonly findOldestOpen: () => Promise<ReadonlyMap<OpenWork, number>>
  /** Calls back after each commit of this process by which a delivery may have become due. */
  readonly onDeliveriesDue: (listener: () => void) => void
  /** Newest first, with how many there are in all. */
  readonly listPaymentSessions: (
    accountId: AccountId,
    filter: PaymentSessionFilter,
    page: Page,
    nowMs: number,
  ) => Promise<{ readonly sessions: readonly PaymentSessionRecord[]; readonly total: number }>

  readonly findAccount: (id: AccountId) => Promise<Account | undefined>
  readonly findConnectedAccount: (
    accountId: AccountId,
    id: AccountId,
  ) => Promise<ConnectedAccount | undefined>
  /** Newest first, with the number of all that match. */
  readonly listConnectedAccounts: ListConnectedAccounts
  readonly listAccounts: () => Promise<readonly Account[]>
  /** Gives those of the ids that are connected accounts of the account. */
  readonly findConnectedAccounts: (
    accountId: AccountId,
    ids: readonly AccountId[],
  ) => Promise<ReadonlySet<AccountId>>
  readonly findAccountSecrets: (id: AccountId) => Promise<AccountSecretsStored | undefined>
  readonly findOwnerKeyHash: (id: AccountId) => Promise<string | undefined>

  readonly findClient: (id: string) => Promise<Client | undefined>
  readonly listClients: () => Promise<readonly Client[]>
  readonly findAccessToken: (tokenHash: string) => Promise<AccessToken | undefined>

  /**
   * Moves the stored time up to which rows count as expired. False: another process has moved it since it was read.
   */
  readonly advanceExpiryTime: (fromMs: number, toMs: number) => Promise<boolean>
  /**
   * Deletes what has had its time: idempotency keys, codes, access tokens, and attempts of webhook
   * deliveries. Gives the count.
   */
  readonly deleteExpired: (nowMs: number) => Promise<number>

  /** States a fact about the database as a whole, once. Gives what holds, which is another's value when that came first. */
  readonly stateInstallationFact: (name: InstallationFact, value: string) => Promise<string>

  /**
   * Writes something and deletes it again. Throws StoreUnavailable when the database does not answer or takes no
   * writes, and for half a minute after any write that found no space.
   */
  readonly checkWritable: () => Promise<void>
  /** Waits for commits under way, then lets the database go. */
  readonly close: () => Promise<void>
}

/** What is recorded once for a whole database. */
export type InstallationFact =
  | 'mode'
  | 'secret_key_check'
  | 'expiry_time_ms'
  /** `hidden`, or `plain` where the database was made when all ids were shown as they are stored. */
  | 'ids_at_first'
  /** The stored id from which on ids have a public form of their own. */
  | 'ids_hidden_from'

/** How long an idempotency key is remembered, in milliseconds: 24 hours. */
export const IDEMPOTENCY_KEY_LIFE_MS = 24 * 60 * 60_000

/** How exact it is known when an endpoint last took a delivery, in milliseconds. */
export const ACCEPTED_GRAIN_MS = 60_000
