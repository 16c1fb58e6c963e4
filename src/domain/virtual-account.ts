import { accountDayAt, accountDayStartMs, parseDay } from './account-day.ts'
import { containsCardNumber } from './card.ts'
import type { AccountId, CustomerId, VirtualAccountId } from './id.ts'
import type { DeclineCode } from './payment-attempt.ts'
import type { Random } from './random.ts'

/** The statuses of a virtual account on the wire. `closed` is final. */
export const VIRTUAL_ACCOUNT_STATUSES = ['active', 'closed'] as const
/** A status of a virtual account. */
export type VirtualAccountStatus = (typeof VIRTUAL_ACCOUNT_STATUSES)[number]

/** The currency of every virtual account: only accounts of the IN edition have them. */
export const VIRTUAL_ACCOUNT_CURRENCY = 'INR'

/**
 * The largest sum of an account's transfers, in paise: 10^15. Up to it, each sum is exact as a JSON
 * number of rupees.
 */
export const PAID_MINOR_MAX = 10n ** 15n

/** A bank account number that a merchant gives to one payer. Each transfer to it becomes a payment. */
export type VirtualAccount = {
  readonly id: VirtualAccountId
  readonly accountId: AccountId
  /** Shape: `PAYDK7QF2MZ4XWB3N5T`. Unique. */
  readonly accountNumber: string
  /** Shape: `PAYD0SANDBX`. */
  readonly ifscCode: string
  /** The name of the account's holder: the merchant's name at the creation, or the name that the processor returned. */
  readonly beneficiaryName: string
  readonly description: string
  readonly customerId?: CustomerId
  /** The limits of each transfer, in paise. Undefined: there is none. */
  readonly minimumMinor?: bigint
  readonly maximumMinor?: bigint
  /** The sum of the succeeded transfers, in paise. Refunds do not change it. */
  readonly paidMinor: bigint
  /** The JSON of `meta_data` for answers. */
  readonly metaDataJson?: string
  readonly referenceNumber?: string
  /** The stored status stays `active` until the account's end is recorded: see `virtualAccountAt`. */
  readonly status: VirtualAccountStatus
  /** The last day, `2026-10-25` in the account's calendar. */
  readonly expiresOn?: string
  readonly createdAtMs: number
  /** The time of the last change by the merchant, or of the end. Transfers do not change it. */
  readonly changedAtMs: number
  /** The time of the last transfer before the account's end, even of one outside the limits. */
  readonly lastTransferAtMs?: number
  /**
   * The time of the next call that tells the processor to close the number. Undefined: no call
   * remains.
   */
  readonly closeDueAtMs?: number
}

/** The fields that a merchant can change. */
export type VirtualAccountChanges = Partial<
  Pick<
    VirtualAccount,
    | 'description'
    | 'minimumMinor'
    | 'maximumMinor'
    | 'expiresOn'
    | 'referenceNumber'
    | 'metaDataJson'
  >
>

/** The reason for a refused change. */
export type VirtualAccountRefusal = 'virtual_account_closed'

/**
 * Returns the time at which an active account ends, in milliseconds since 1970: the end of its last day, or one year
 * after its last transfer, if that is earlier. Without a transfer, the year begins at its creation.
 */
export function virtualAccountEndsAtMs({
  createdAtMs,
  expiresOn,
  lastTransferAtMs = createdAtMs,
}: Pick<VirtualAccount, 'createdAtMs' | 'expiresOn' | 'lastTransferAtMs'>): number {
  const idleEndMs = oneYearAfter(lastTransferAtMs)
  const lastDay = expiresOn === undefined ? undefined : parseDay(expiresOn)
  if (lastDay === undefined) return idleEndMs
  return Math.min(idleEndMs, accountDayStartMs('IN', { ...lastDay, day: lastDay.day + 1 }))
}

/** Returns the same time of day on the same date of the next year. For 29 February the date is 1 March. */
function oneYearAfter(atMs: number): number {
  const day = accountDayAt('IN', atMs)
  const timeOfDayMs = atMs - accountDayStartMs('IN', day)
  return accountDayStartMs('IN', { ...day, year: day.year + 1 }) + timeOfDayMs
}

/**
 * Returns the state of the account at a time. Its end follows from the clock: no job has to run. An
 * account is closed from its end on.
 */
export function virtualAccountAt(account: VirtualAccount, nowMs: number): VirtualAccount {
  if (account.status === 'closed') return account
  const endsAtMs = virtualAccountEndsAtMs(account)
  return nowMs < endsAtMs ? account : { ...account, status: 'closed', changedAtMs: endsAtMs }
}

/** Changes an account, or returns the reason why it cannot. */
export function changeVirtualAccount(
  account: VirtualAccount,
  changes: VirtualAccountChanges,
  nowMs: number,
): VirtualAccount | { readonly refused: VirtualAccountRefusal } {
  if (virtualAccountAt(account, nowMs).status === 'closed') {
    return { refused: 'virtual_account_closed' }
  }
  return { ...account, ...changes, changedAtMs: nowMs }
}

/** Closes an account for good, or returns the reason why it cannot. */
export function closeVirtualAccount(
  account: VirtualAccount,
  nowMs: number,
): VirtualAccount | { readonly refused: VirtualAccountRefusal } {
  if (virtualAccountAt(account, nowMs).status === 'closed') {
    return { refused: 'virtual_account_closed' }
  }
  return { ...account, status: 'closed', changedAtMs: nowMs }
}

/** A transfer to an account and its result. */
export type TransferResult = {
  readonly account: VirtualAccount
  /** Undefined: it succeeds. Otherwise the money is returned to the payer. */
  readonly declineCode?: Extract<DeclineCode, 'transfer_late' | 'transfer_out_of_range'>
}

/** Decides a transfer to an account at a time. `amountMinor`: paise. */
export function takeTransfer(
  account: VirtualAccount,
  amountMinor: bigint,
  nowMs: number,
): TransferResult {
  if (virtualAccountAt(account, nowMs).status === 'closed') {
    return { account, declineCode: 'transfer_late' }
  }
  // A clock that jumps back does not shorten the account's life.
  const lastTransferAtMs = Math.max(account.lastTransferAtMs ?? nowMs, nowMs)
  const { maximumMinor, minimumMinor } = account
  const isOutOfRange =
    (minimumMinor !== undefined && amountMinor < minimumMinor) ||
    (maximumMinor !== undefined && amountMinor > maximumMinor) ||
    account.paidMinor + amountMinor > PAID_MINOR_MAX
  if (isOutOfRange) {
    return { account: { ...account, lastTransferAtMs }, declineCode: 'transfer_out_of_range' }
  }
  return { account: { ...account, lastTransferAtMs, paidMinor: account.paidMinor + amountMinor } }
}

/** The letters of drawn numbers: base 32 without characters that are easily confused with others. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** The number of drawn characters in an account number: 75 bits. */
const NUMBER_LENGTH = 15
/** The number of drawn characters in a bank's reference: 60 bits. */
const REFERENCE_LENGTH = 12

/** The pattern of a sandbox's virtual account number, anywhere in a text. */
export const VIRTUAL_ACCOUNT_NUMBERS = /(?<![A-Z0-9])PAYD[A-Z2-7]{15}(?![A-Z0-9])/g

/** Draws the number of a sandbox's virtual account. It contains no card number. */
export function drawVirtualAccountNumber(random: Random): string {
  return drawAfter('PAYD', NUMBER_LENGTH, random)
}

/** Draws the reference (UTR) that a bank gives to a transfer. */
export function drawTransferReference(random: Random): string {
  return drawAfter('PAYD', REFERENCE_LENGTH, random)
}

function drawAfter(start: string, length: number, random: Random): string {
  for (;;) {
    const letters = Array.from({ length }, () => LETTERS[random.below(LETTERS.length)])
    const text = start + letters.join('')
    // The digits alone could be a card number, and scanners for card data would report them.
    if (!containsCardNumber(text)) return text
  }
}
