/** The contracts that operations need: what is around them implements these. */
import type { Account } from '../domain/account.ts'
import type {
  AccountId,
  PaymentAttemptId,
  PaymentSessionId,
  RefundId,
  TransferId,
} from '../domain/id.ts'
import type { Money } from '../domain/money.ts'
import type { PaymentAttempt, PaymentAttemptStatus } from '../domain/payment-attempt.ts'
import type { PaymentMethodType } from '../domain/payment-method.ts'
import type { PaymentSession, PaymentSessionStatus } from '../domain/payment-session.ts'
import type { Refund } from '../domain/refund.ts'
import type { Scope } from '../domain/scope.ts'
import type { SandboxCharges } from '../processors/sandbox-charge.ts'

/** Tells the time. A sandbox's clock can be moved; nothing else in the program asks the machine. */
export type Clock = {
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

/** Gives what cannot be foreseen. */
export type Random = {
  /** As many random bytes, good enough for keys. The array is the caller's. */
  readonly bytes: (count: number) => Uint8Array
  /** A whole number from 0, below the bound. */
  readonly below: (bound: number) => number
}

/** Draws ids. Storing one is what makes it ours: another process may have drawn it too. */
export type Ids = {
  readonly paymentSession: (bucket: number) => PaymentSessionId
  /** In its session's bucket. */
  readonly paymentAttempt: (of: PaymentSessionId) => PaymentAttemptId
  /** In its attempt's bucket. */
  readonly refund: (of: PaymentAttemptId) => RefundId
  /** In its attempt's bucket. */
  readonly transfer: (of: PaymentAttemptId) => TransferId
}

/** A payment session as it is stored: what moves need, and what answers repeat. */
export type PaymentSessionRecord = PaymentSession & {
  readonly invoiceNumber?: string
  readonly referenceNumber?: string
  /** The JSON object of the echoed fields between `expiry_time` and `configurations`. */
  readonly echoedJson: string
  /** The JSON of `configurations`, when the request had it. */
  readonly configurationsJson?: string
  /** The JSON of the transfers to make on success: `[{"connected_account_id":"…","amount_minor":"…"}]`. */
  readonly transferDetailsJson?: string
}

/** An answer to keep under an idempotency key, written with the change it reports. */
export type IdempotentAnswer = {
  readonly bucket: number
  readonly identityHash: string
  readonly requestHash: string
  /** The HTTP status. */
  readonly status: number
  readonly answerSealed: string
  /** The object that the first request made or changed. */
  readonly resourceId: PaymentSessionId
}

/** What came of storing a new session. */
export type InsertOutcome =
  | 'stored'
  /** Another session has this id: draw again. */
  | 'id_taken'
  /** The idempotency key's first request has not ended. */
  | 'key_in_use'
  | { readonly answered: IdempotentAnswer }

/** Which sessions of an account to list. Bounds are inclusive from, exclusive to. */
export type PaymentSessionFilter = {
  readonly status?: PaymentSessionStatus
  readonly referenceNumber?: string
  readonly invoiceNumber?: string
  readonly createdFromMs?: number
  readonly createdToMs?: number
}

/** Which payments of an account to list. Bounds are inclusive from, exclusive to. */
export type PaymentFilter = {
  readonly status?: PaymentAttemptStatus
  readonly method?: PaymentMethodType
  readonly createdFromMs?: number
  readonly createdToMs?: number
  /** A payment's id, an e-mail address, a phone number or a reference number, whole. */
  readonly sought?: string
}

/** A part of a list: whole pages, from 1. */
export type Page = { readonly page: number; readonly perPage: number }

/** An OAuth client: an application that may ask for tokens. */
export type Client = {
  readonly id: string
  readonly name: string
  readonly secretHash: string
  /** The accounts whose owners can let it in. */
  readonly accountIds: readonly AccountId[]
  readonly redirectUris: readonly string[]
  /** May ask for a token in its own name. */
  readonly isMachine: boolean
}

/** What a token of either kind allows, and to whom it was given. */
export type Grant = {
  readonly clientId: string
  readonly accountIds: readonly AccountId[]
  readonly scopes: readonly Scope[]
  /** Ties together all that came of one consent, so that it can be taken back at once. */
  readonly grantId: string
}

/** An access token as it is stored. Without `expiresAtMs` it never expires. */
export type AccessToken = Grant & { readonly expiresAtMs?: number }

/** An authorization code as it is stored. */
export type AuthorizationCode = Grant & {
  readonly redirectUri: string
  /** The S256 challenge of PKCE, when the client offered one. */
  readonly codeChallenge?: string
  readonly expiresAtMs: number
}

/** A transfer that a success has caused. */
export type TransferInsert = {
  readonly id: TransferId
  readonly accountId: AccountId
  readonly paymentAttemptId: PaymentAttemptId
  /** Which transfer of its attempt this is, from 1, in the order of the request. */
  readonly number: number
  readonly connectedAccountId: AccountId
  readonly amount: Money
  readonly createdAtMs: number
}

/** What is stored of an account's secrets. */
export type AccountSecretsStored = Pick<AccountInsert, 'signingKeySealed' | 'apiKeyHash'>

/** A new account with the secrets that are stored of it. */
export type AccountInsert = Account & {
  readonly signingKeySealed: string
  readonly apiKeyHash: string
  readonly ownerKeyHash: string
}

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
  readonly insertTransfer: (transfer: TransferInsert) => Promise<void>
  readonly insertRefund: (refund: Refund) => Promise<void>
  /** Does nothing to a refund that has ended: of two answers about one the final one holds. */
  readonly updateRefund: (refund: Refund) => Promise<void>
  /** Undefined: the key is new, or older than `liveFromMs`. */
  readonly findIdempotentAnswer: (
    bucket: number,
    identityHash: string,
    liveFromMs: number,
  ) => Promise<IdempotentAnswer | undefined>
  /** Writes over an answer that is there. */
  readonly putIdempotentAnswer: (answer: IdempotentAnswer, nowMs: number) => Promise<void>

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
  readonly putConnectedAccount: (
    accountId: AccountId,
    id: AccountId,
    name: string,
    nowMs: number,
  ) => Promise<void>
  readonly putClient: (client: Client, nowMs: number) => Promise<void>
}

/** Another transaction held a row for longer than a statement may wait. Nothing was written. */
export class RowHeld extends Error {}

/** Everything that is kept. Both engines implement it and pass one suite. */
export type Store = SandboxCharges & {
  /**
   * Runs the work in one transaction; it must await nothing but this transaction. Throws RowHeld.
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
  /** Of one attempt, in the order of the request. */
  readonly listTransfers: (of: PaymentAttemptId) => Promise<readonly TransferInsert[]>
  /** Newest first, with how many there are in all. */
  readonly listPaymentSessions: (
    accountId: AccountId,
    filter: PaymentSessionFilter,
    page: Page,
    nowMs: number,
  ) => Promise<{ readonly sessions: readonly PaymentSessionRecord[]; readonly total: number }>

  readonly findAccount: (id: AccountId) => Promise<Account | undefined>
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

  /** Deletes what has had its time: idempotency keys, codes and access tokens. Gives the count. */
  readonly deleteExpired: (nowMs: number) => Promise<number>

  /** States a fact about the database as a whole, once. Gives what holds, which is another's value when that came first. */
  readonly stateInstallationFact: (name: InstallationFact, value: string) => Promise<string>

  /** Throws when the database does not answer. */
  readonly ping: () => Promise<void>
  /** Waits for commits under way, then lets the database go. */
  readonly close: () => Promise<void>
}

/** What is recorded once for a whole database. */
export type InstallationFact = 'mode' | 'secret_key_check'

/** How long an idempotency key is remembered, in milliseconds: 24 hours. */
export const IDEMPOTENCY_KEY_LIFE_MS = 24 * 60 * 60_000
