import type { Account } from './account.ts'
import type { AccountKeys, StoredKey } from './account-keys.ts'
import type { BalanceTransactionKind, BalanceTransactionRecord } from './balance-transaction.ts'
import type { BankTransferStatus } from './bank-transfer.ts'
import type { DisputeStatus } from './dispute.ts'
import type {
  AccountId,
  CustomerId,
  MandateId,
  PaymentAttemptId,
  PaymentLinkId,
  PaymentSessionId,
  TransferId,
  TransferReversalId,
  VirtualAccountId,
  WebhookEndpointId,
  WebhookEventId,
} from './id.ts'
import type { CARD_FUNDINGS, InstrumentFacts } from './instrument.ts'
import type { MandateStatus } from './mandate.ts'
import type { Message } from './message.ts'
import type { Currency, Money } from './money.ts'
import type { PaymentAttemptStatus } from './payment-attempt.ts'
import type { PaymentLinkStatus } from './payment-link.ts'
import type { PaymentMethodType } from './payment-method.ts'
import type { PaymentSession, PaymentSessionStatus } from './payment-session.ts'
import type { PaymentSessionTypeFacts } from './payment-session-type.ts'
import type { PAYOUT_STATUSES, PayoutStatus } from './payout.ts'
import type { Scope } from './scope.ts'
import type { VirtualAccountStatus } from './virtual-account.ts'
import type {
  WebhookDelivery,
  WebhookDeliveryAttempt,
  WebhookDeliveryStatus,
} from './webhook-delivery.ts'
import type { EventSubject, WebhookEventType } from './webhook-event.ts'

/** A stored payment session: the facts for moves and the facts for answers. */
export type PaymentSessionRecord = PaymentSession & {
  readonly invoiceNumber?: string
  readonly referenceNumber?: string
  /** The JSON object of the echoed fields between `expiry_time` and `configurations`. */
  readonly echoedJson: string
  /** The JSON of the request's `configurations`, if any. */
  readonly configurationsJson?: string
  /** The JSON of the transfers to make on success: `[{"connected_account_id":"…","amount_minor":"…"}]`. */
  readonly transferDetailsJson?: string
  readonly customerId?: CustomerId
  readonly paymentLinkId?: PaymentLinkId
  /** The virtual account whose transfer made the session. The wire shows no such session. */
  readonly virtualAccountId?: VirtualAccountId
  /** Undefined: a session for one payment. */
  readonly typeFacts?: PaymentSessionTypeFacts
}

/** Returns true if the API shows a session. It hides those that a transfer or a direct charge made. */
export function isShownSession({
  typeFacts,
  virtualAccountId,
}: Pick<PaymentSessionRecord, 'typeFacts' | 'virtualAccountId'>): boolean {
  return virtualAccountId === undefined && typeFacts?.type !== 'direct_charge'
}

/** Returns true if a session has a checkout page. A debit of a mandate and an in-person payment have none. */
export function hasCheckoutPage({ typeFacts }: Pick<PaymentSessionRecord, 'typeFacts'>): boolean {
  return typeFacts === undefined || typeFacts.type === 'mandate_enrollment'
}

/** Returns true if a session enrolls or debits a mandate. */
export function isMandateSession({ typeFacts }: Pick<PaymentSessionRecord, 'typeFacts'>): boolean {
  return typeFacts?.type === 'mandate_enrollment' || typeFacts?.type === 'mandate_execution'
}

/** An answer to store under an idempotency key, together with the change that it reports. */
export type IdempotentAnswer = {
  readonly bucket: number
  readonly identityHash: string
  readonly requestHash: string
  readonly status: number
  readonly answerSealed: string
  /** The object that the first request made or changed. */
  readonly resourceId: string
}

/** The outcome of a try to store a new session. */
export type InsertOutcome =
  | 'stored'
  /** Another session has this id: draw again. */
  | 'id_taken'
  /** The idempotency key's first request has not ended. */
  | 'key_in_use'
  | { readonly storedAnswer: IdempotentAnswer }

/** The time filter of a list, from `createdFromMs` (included) to `createdToMs` (excluded). Undefined: no bound. */
export type ListTimes = { readonly createdFromMs?: number; readonly createdToMs?: number }

/** The filter of a list of sessions. */
export type PaymentSessionFilter = ListTimes & {
  readonly status?: PaymentSessionStatus
  readonly referenceNumber?: string
  readonly invoiceNumber?: string
  /**
   * The exact amount. It finds only sessions for which a payment was begun, unless the filter also has a reference
   * number, an invoice number or a search text.
   */
  readonly amount?: Money
  /** A session's id, a reference or invoice number, or a payer's e-mail address or phone number, whole. */
  readonly searchText?: string
  /** `searchText` as an id, if it can be one. The other filters have the same field. */
  readonly searchId?: PaymentSessionId
}

/** A status of payments in lists. `disputed`: a dispute is open or lost. */
export type ListedPaymentStatus = PaymentAttemptStatus | 'disputed'

/** The filter of a list of payments. */
export type PaymentFilter = ListTimes & {
  /** `refunded`: refunded in whole or in part, not disputed. `succeeded`: neither refunded nor disputed. */
  readonly status?: ListedPaymentStatus
  readonly method?: PaymentMethodType
  readonly customerId?: CustomerId
  /** The exact amount of the payment's session. */
  readonly amount?: Money
  /** A payment's id, an e-mail address, a phone number, a reference number or an invoice number, whole. */
  readonly searchText?: string
  readonly searchId?: PaymentAttemptId
}

/** The filter of a list of mandates. */
export type MandateFilter = {
  readonly status?: MandateStatus
  readonly customerId?: CustomerId
  /** A mandate's id or UPI ID, whole. */
  readonly searchText?: string
  readonly searchId?: MandateId
}

/** The filter of a list of payment links. */
export type PaymentLinkFilter = ListTimes & {
  readonly status?: PaymentLinkStatus
  readonly referenceId?: string
  /** A link's id, a reference, an e-mail address or a phone number, whole. */
  readonly searchText?: string
  readonly searchId?: PaymentLinkId
  /** The digits of `searchText`, if it can be a phone number. Otherwise it is compared with e-mail addresses. */
  readonly searchPhone?: string
}

/** A part of a list: whole pages, from 1. */
export type Page = {
  readonly page: number
  readonly perPage: number
  /** Set: the page begins at this place, not after the rows of the pages before it. */
  readonly start?: ListStart
  /** The largest total. Undefined: `LIST_TOTAL_MAX`. */
  readonly totalMax?: number
}

/** The place at which a page begins: the first item of the list, or the one after the last item of the page before. */
export type ListStart = 'first' | ListContinuation

/** A continuation of a list. The total is that of the first page: it is not counted again. */
export type ListContinuation = {
  readonly after: ListPosition
  readonly total: number
  readonly isTotalCut: boolean
}

/**
 * The place of an item in its list: the values that order the list. It contains stored ids, so only sealed text may leave
 * the program.
 */
export type ListPosition = readonly (number | string)[]

/** An OAuth client: an application that may ask for tokens. */
export type Client = {
  readonly id: string
  readonly name: string
  /** A hash. */
  readonly secret: StoredKey
  /** The accounts that it may access, if their owners authorize it. */
  readonly accountIds: readonly AccountId[]
  readonly redirectUris: readonly string[]
  /** True: the client may get a token without an account owner's consent. */
  readonly isMachine: boolean
}

/** The client, the accounts and the scopes of a token. */
export type Grant = {
  readonly clientId: string
  readonly accountIds: readonly AccountId[]
  readonly scopes: readonly Scope[]
  /** Joins all tokens of one consent, so that they can be revoked together. */
  readonly grantId: string
}

/** An access token as it is stored. Without `expiresAtMs` it never expires. */
export type AccessToken = Grant & { readonly expiresAtMs?: number }

/** An authorization code as it is stored. */
export type AuthorizationCode = Grant & {
  readonly redirectUri: string
  /** The S256 challenge of PKCE, if the client sent one. */
  readonly codeChallenge?: string
  readonly expiresAtMs: number
}

/** A connected account: the receiver of transfers. */
export type ConnectedAccount = {
  readonly id: AccountId
  readonly accountId: AccountId
  readonly name: string
  readonly details: ConnectedAccountDetails
  readonly createdAtMs: number
}

/** The stored details of a connected account. */
export type ConnectedAccountDetails = {
  readonly email?: string
  /** The merchant category code: four digits. */
  readonly mcc?: string
  readonly businessDescription?: string
  readonly bankAccount?: { readonly routingNumber: string; readonly lastFourDigits: string }
}

/** The filter of a list of an account's connected accounts. */
export type ConnectedAccountFilter = ListTimes & {
  readonly id?: AccountId
}

/** The filter of a list of customers. */
export type CustomerFilter = ListTimes & {
  /** A customer's id, an e-mail address or the digits of a phone number, whole. */
  readonly searchText?: string
  readonly searchId?: CustomerId
}

/** The filter of a list of virtual accounts. */
export type VirtualAccountFilter = {
  readonly status?: VirtualAccountStatus
  readonly customerId?: CustomerId
  readonly referenceNumber?: string
  /** Whole. */
  readonly accountNumber?: string
}

/** The filter and the order of a list of transfers to a virtual account. */
export type BankTransferFilter = {
  readonly status?: BankTransferStatus
  /** Undefined: by time. */
  readonly order?: 'amount'
  /** The oldest or the smallest first. */
  readonly isAscending?: boolean
}

/** The filter of a list of transfers to connected accounts, or of their reversals. */
export type TransferFilter = ListTimes & {
  readonly paymentAttemptId?: PaymentAttemptId
  readonly connectedAccountId?: AccountId
  /** For reversals. */
  readonly transferId?: TransferId
  /** The id of the row, of its transfer or its payment. */
  readonly searchId?: TransferId | TransferReversalId | PaymentAttemptId
  /** The search text as the id of a connected account, if it can be one. */
  readonly searchAccountId?: AccountId
  /** Oldest first. */
  readonly isAscending?: boolean
}

/** A balance: of the merchant, or of a connected account, in one currency. */
export type Balance = {
  /** Undefined: the merchant's. */
  readonly connectedAccountId?: AccountId
  readonly currency: Currency
}

/** The merchant's balance in one currency, in minor units. */
export type CurrencyBalance = {
  readonly currency: Currency
  /**
   * The net amount of the transactions that the next run can pay. Negative: refunds and disputes exceed the payments.
   */
  readonly availableMinor: bigint
  /** The net amount of the transactions that are not available yet. */
  readonly pendingMinor: bigint
  /** The amount of the payouts on the way to the bank. */
  readonly inPayoutsMinor: bigint
}

/** The number and the sum of the transactions that a payout can take. */
export type DueSum = { readonly count: number; readonly netMinor: bigint }

/** The state of an account's runs of payouts. */
export type PayoutRun = {
  readonly accountId: AccountId
  readonly nextRunAtMs: number
  /** The balance that the run paid last. Undefined: the run has not begun. */
  readonly after?: Balance
}

/** The filter of a list of an account's disputes. */
export type DisputeFilter = ListTimes & {
  /** Undefined: all. */
  readonly status?: DisputeStatus
}

/** The filter of a list of an account's payouts. */
export type PayoutFilter = ListTimes & {
  /** Undefined: the merchant's. */
  readonly connectedAccountId?: AccountId
  /** Undefined: all that are shown. */
  readonly status?: (typeof PAYOUT_STATUSES)[number]
}

/** The filter of a list of a connected account's transactions. */
export type ConnectedTransactionFilter = ListTimes & {
  readonly connectedAccountId: AccountId
  readonly kind?: Extract<BalanceTransactionKind, `connected_${string}`>
  readonly id?: TransferId | TransferReversalId
  readonly method?: PaymentMethodType
  readonly cardBrand?: string
  readonly cardFunding?: (typeof CARD_FUNDINGS)[number]
  /** Oldest first. */
  readonly isAscending?: boolean
}

/** A balance transaction with its facts for lists. */
export type BalanceTransactionView = BalanceTransactionRecord & {
  readonly payment: {
    readonly id: PaymentAttemptId
    readonly instrument: InstrumentFacts
    /** The echoed fields of its session. */
    readonly echoedJson: string
    readonly customerId?: CustomerId
    readonly customerName?: string
  }
  /** The payout that has it. Undefined: it is free. */
  readonly payout?: { readonly status: PayoutStatus; readonly decidedAtMs?: number }
}

/** A webhook event. */
export type WebhookEvent = {
  readonly id: WebhookEventId
  readonly accountId: AccountId
  readonly type: WebhookEventType
  readonly subject: EventSubject
  /** The whole body, the same at each attempt. */
  readonly bodyJson: string
  readonly createdAtMs: number
}

/** The filter of a list of events. */
export type WebhookEventFilter = ListTimes & {
  readonly types?: readonly WebhookEventType[]
  readonly subject?: EventSubject
}

/** The filter of a list of deliveries. */
export type WebhookDeliveryFilter = {
  readonly status?: WebhookDeliveryStatus
  readonly eventType?: WebhookEventType
}

/** The limits of one claim of due deliveries. */
export type ClaimLimits = {
  /** The result of `longestWaitMs`. A delivery that would be due only after a longer wait is treated as due. */
  readonly waitMsMax: number
  readonly countMax: number
  readonly countPerAccount: number
  readonly countPerEndpoint: number
  /** The free slots of accounts that have deliveries under way. */
  readonly roomOfAccounts: ReadonlyMap<AccountId, number>
  /** The free slots of endpoints that have deliveries under way, or did not answer. */
  readonly roomOfEndpoints: ReadonlyMap<WebhookEndpointId, number>
}

/** A kind of work that stays open until a processor, a receiver or a messenger has answered. */
export type OpenWork = 'attempt' | 'refund' | 'delivery' | 'message'

/** The kinds of work that servers begin when its time has come, for metrics. */
export const DUE_WORK = [
  'delivery',
  'reconciliation',
  'refund',
  'debit',
  'notice',
  'mandate',
  'payout',
  'message',
  'saved_method',
  'payment_link',
  'virtual_account',
] as const
/** A kind of work that servers begin when its time has come. */
export type DueWork = (typeof DUE_WORK)[number]

/** A claimed delivery with the body to send. */
export type ClaimedDelivery = {
  /** Its `nextAttemptAtMs` is the time at which it became due, not the end of the lease. */
  readonly delivery: WebhookDelivery
  /** The end of the lease, which is the stored time of the next attempt. */
  readonly leasedUntilMs: number
  readonly bodyJson: string
}

/** A claimed message, in the status `sending`. */
export type ClaimedMessage = {
  readonly message: Message
  /**
   * True: an earlier claim ended without a record, so the message may have been sent.
   */
  readonly wasSending: boolean
}

/** A delivery attempt to record, with the function that returns the delivery after it. */
export type DeliveryRecord = {
  readonly eventId: WebhookEventId
  readonly endpointId: WebhookEndpointId
  /** Returns the delivery to store. `delivery`: the stored one at that moment. */
  readonly decide: (delivery: WebhookDelivery) => WebhookDelivery
  readonly attempt: Omit<WebhookDeliveryAttempt, 'number'>
}

/** The result of a ledger check. */
export type LedgerReport = {
  /** The differences between ledger and payments. `id`: the object or the account, or `-` for the totals. */
  readonly discrepancies: readonly { readonly what: string; readonly id: string }[]
  readonly balances: readonly LedgerBalance[]
  readonly postingCount: number
}

/** The sums of a ledger account. */
export type LedgerBalance = {
  readonly accountId: AccountId
  readonly ledgerAccount: string
  readonly currency: Money['currency']
  readonly debitMinor: bigint
  readonly creditMinor: bigint
}

/** A new account with its stored keys. */
export type AccountInsert = Account & { readonly keys: AccountKeys }

/** A token in a list of tokens. */
export type ListedToken = Omit<Grant, 'grantId'> & {
  readonly kind: 'access' | 'refresh'
  readonly tokenHash: string
  /** Undefined: it does not expire. */
  readonly expiresAtMs?: number
}

/** The filter of a list of tokens. Undefined: no condition. */
export type TokenFilter = {
  readonly clientId?: string
  /** The beginning of its hash, as in its id. */
  readonly hashStart?: string
}
