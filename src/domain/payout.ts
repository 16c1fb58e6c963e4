import { accountDayAt, accountDayStartMs } from './account-day.ts'
import {
  BALANCE_TRANSACTION_KINDS,
  type BalanceTransaction,
  type BalanceTransactionType,
} from './balance-transaction.ts'
import { businessDaysLater, daysLater, isMonday } from './business-day.ts'
import type { AccountId, PayoutId } from './id.ts'
import type { Money } from './money.ts'
import type { Edition } from './payment-method.ts'

/**
 * The schedules of payouts: every day of the account, every Monday, or on the first business day of a month.
 *
 * Source: Zoho Payments help pages about payouts (seen 2026-11-22).
 */
export const PAYOUT_SCHEDULES = ['daily', 'weekly', 'monthly'] as const
/** A schedule of payouts. */
export type PayoutSchedule = (typeof PAYOUT_SCHEDULES)[number]
/** The schedule of an account without a setting. */
export const PAYOUT_SCHEDULE_DEFAULT: PayoutSchedule = 'daily'

/** The bank account that receives payouts. */
export type BankAccount = {
  readonly bankName: string
  readonly lastFourDigits: string
  readonly accountHolder: string
  /** The IFSC of an Indian bank, or the routing number of an American bank. */
  readonly routingNumber: string
}

/** The last four digits of a sandbox's bank account whose payouts fail. */
export const UNREACHABLE_LAST_FOUR_DIGITS = '0000'

/** The routing number of a sandbox's bank in each edition. */
const SANDBOX_ROUTING_NUMBERS: Readonly<Record<Edition, string>> = {
  IN: 'PAYD0SANDBX',
  US: '110000000',
}

/** Returns the bank account of a sandbox's account: the preset one, with the parts that the account has set. */
export function sandboxBankAccount(
  edition: Edition,
  accountHolder: string,
  parts: Partial<Pick<BankAccount, 'lastFourDigits' | 'routingNumber'>> = {},
): BankAccount {
  return {
    bankName: 'Paydesk Test Bank',
    accountHolder,
    lastFourDigits: parts.lastFourDigits ?? '1193',
    routingNumber: parts.routingNumber ?? SANDBOX_ROUTING_NUMBERS[edition],
  }
}

/** The reasons of failed payouts with their messages. The codes are Paydesk's. */
export const PAYOUT_FAILURES = {
  account_closed: 'The bank account is closed.',
  account_frozen: 'The bank account is frozen.',
  account_not_found: 'The bank account does not exist.',
  declined: 'The bank declined the payout.',
} as const
/** A reason for a failed payout. */
export type PayoutFailureCode = keyof typeof PAYOUT_FAILURES

/** The statuses of payouts on the wire. `paid` and `failed` are final. */
export const PAYOUT_STATUSES = ['initiated', 'paid', 'failed'] as const
/**
 * The status of a payout.
 *
 * `collecting`: a payout of many transactions takes them in batches. It is not shown before it has all of them.
 * `abandoned`: its transactions turned out to have no positive sum. It is never shown.
 */
export type PayoutStatus = (typeof PAYOUT_STATUSES)[number] | 'collecting' | 'abandoned'

/** The sums of a payout's transactions of one type, in minor units. */
export type PayoutSum = {
  readonly count: number
  readonly amountMinor: bigint
  readonly feeMinor: bigint
  readonly taxMinor: bigint
}

/** The sums of a payout's transactions by their types. */
export type PayoutSummary = Readonly<Record<BalanceTransactionType, PayoutSum>>

/** Money that goes from the balance of a merchant or of a connected account to its bank account. */
export type Payout = {
  readonly id: PayoutId
  readonly accountId: AccountId
  /** The owner of the balance. Undefined: the merchant. */
  readonly connectedAccountId?: AccountId
  readonly status: PayoutStatus
  /** The sum of the net amounts of its transactions. */
  readonly amount: Money
  readonly summary: PayoutSummary
  /**
   * The time of the run that made it; it contains the transactions that were available at this time. Of a reported
   * payout: the time at which the processor initiated it.
   */
  readonly createdAtMs: number
  /**
   * The time at which a sandbox's bank decides. Of a reported payout: the reported time of its arrival or, without
   * one, the time at which the processor initiated it.
   */
  readonly arrivesAtMs: number
  /**
   * The time of the next step of the background work: the next batch of transactions to take or to release, or the
   * decision of a sandbox's bank. Undefined: no step remains.
   */
  readonly nextStepAtMs?: number
  readonly decidedAtMs?: number
  readonly failureCode?: PayoutFailureCode
  readonly bankReference?: string
  readonly statementDescriptor: string
  readonly bankAccount: BankAccount
  /** The processor's reference of a reported payout. Undefined: the sandbox made the payout. */
  readonly processorReference?: string
}

const NO_SUM: PayoutSum = { count: 0, amountMinor: 0n, feeMinor: 0n, taxMinor: 0n }
/** The summary of no transactions. */
export const NO_SUMMARY: PayoutSummary = { charge: NO_SUM, refund: NO_SUM, adjustment: NO_SUM }

/** Adds transactions to the sums of a payout. */
export function withTransactions(
  payout: Payout,
  transactions: readonly BalanceTransaction[],
): Payout {
  const sums: Record<BalanceTransactionType, PayoutSum> = { ...payout.summary }
  for (const { amount, feeMinor, kind, taxMinor } of transactions) {
    const type = BALANCE_TRANSACTION_KINDS[kind]
    const sum = sums[type]
    sums[type] = {
      count: sum.count + 1,
      amountMinor: sum.amountMinor + amount.amountMinor,
      feeMinor: sum.feeMinor + feeMinor,
      taxMinor: sum.taxMinor + taxMinor,
    }
  }
  const amountMinor = netMinorOfSum(totalOf(sums))
  return { ...payout, summary: sums, amount: { ...payout.amount, amountMinor } }
}

/** Adds up the sums of all types. */
export function totalOf({ adjustment, charge, refund }: PayoutSummary): PayoutSum {
  const sums = [charge, refund, adjustment]
  return sums.reduce((total, sum) => ({
    count: total.count + sum.count,
    amountMinor: total.amountMinor + sum.amountMinor,
    feeMinor: total.feeMinor + sum.feeMinor,
    taxMinor: total.taxMinor + sum.taxMinor,
  }))
}

/** Returns the amounts of a sum minus its fees and taxes, in minor units. */
export const netMinorOfSum = ({ amountMinor, feeMinor, taxMinor }: PayoutSum): bigint =>
  amountMinor - feeMinor - taxMinor

/** A change of a payout. */
export type PayoutMove =
  /** All its transactions are taken. */
  | { readonly type: 'initiate' }
  | { readonly type: 'record_payment'; readonly bankReference: string }
  /** The bank has refused the payout. Its transactions become free for another payout. */
  | { readonly type: 'record_failure'; readonly failureCode: PayoutFailureCode }
  /** All transactions of a failed or abandoned payout are released. */
  | { readonly type: 'end_release' }

/** The life of a payout: status → move → next statuses, printed in docs/reference/payout.md. */
export const PAYOUT_MOVES: Record<
  PayoutStatus,
  Partial<Record<PayoutMove['type'], readonly PayoutStatus[]>>
> = {
  collecting: { initiate: ['initiated', 'abandoned'] },
  initiated: { record_payment: ['paid'], record_failure: ['failed'] },
  paid: {},
  failed: { end_release: ['failed'] },
  abandoned: { end_release: ['abandoned'] },
}

/** The reason why a payout was not changed. */
export type PayoutRefusal = 'payout_not_initiated'

/** Makes one move of a payout, or refuses it. */
export function movePayout(
  payout: Payout,
  move: PayoutMove,
  nowMs: number,
): Payout | { readonly refused: PayoutRefusal } {
  if (PAYOUT_MOVES[payout.status][move.type] === undefined) {
    return { refused: 'payout_not_initiated' }
  }
  const { nextStepAtMs: _, ...finalPayout } = payout
  switch (move.type) {
    case 'initiate':
      if (payout.processorReference !== undefined) return { ...finalPayout, status: 'initiated' }
      return payout.amount.amountMinor > 0n
        ? { ...payout, status: 'initiated', nextStepAtMs: payout.arrivesAtMs }
        : { ...payout, status: 'abandoned', nextStepAtMs: nowMs }
    case 'record_payment':
      return {
        ...finalPayout,
        status: 'paid',
        decidedAtMs: nowMs,
        bankReference: move.bankReference,
      }
    case 'record_failure': {
      const { failureCode } = move
      return { ...payout, status: 'failed', decidedAtMs: nowMs, failureCode, nextStepAtMs: nowMs }
    }
    case 'end_release':
      return finalPayout
  }
}

const HOUR_MS = 60 * 60_000
/** The time of day of the run of payouts, on the account's clock. */
const RUN_MS = 10 * HOUR_MS
/** The time of day at which the bank decides about payouts, on the account's clock. */
const DECISION_MS = 16 * HOUR_MS

/** Returns the time of the first run of a schedule after a time. */
export function nextRunAtMs(edition: Edition, schedule: PayoutSchedule, afterMs: number): number {
  const today = accountDayAt(edition, afterMs)
  // Every schedule has a run within two months, so the loop ends.
  for (let dayCount = 0; ; dayCount += 1) {
    const day = daysLater(today, dayCount)
    const firstOfMonth = businessDaysLater({ ...day, day: 0 }, 1)
    const isRunDay =
      schedule === 'daily' ||
      (schedule === 'weekly' && isMonday(day)) ||
      (schedule === 'monthly' && day.day === firstOfMonth.day)
    const runMs = accountDayStartMs(edition, day) + RUN_MS
    if (isRunDay && runMs > afterMs) return runMs
  }
}

/** Returns the time at which the bank decides about a payout that is made at a time. */
export function decisionAtMs(edition: Edition, madeAtMs: number): number {
  const today = accountDayAt(edition, madeAtMs)
  const decisionMs = accountDayStartMs(edition, today) + DECISION_MS
  // If a payout is made in the evening, the bank decides about it on the next day.
  return decisionMs > madeAtMs
    ? decisionMs
    : accountDayStartMs(edition, daysLater(today, 1)) + DECISION_MS
}

/** Returns the beginning of the bank references of a day of the account: `PAYD251124`. */
export function referencePrefixOf(edition: Edition, atMs: number): string {
  const { day, month, year } = accountDayAt(edition, atMs)
  const digits = [year % 100, month + 1, day].map((part) => String(part).padStart(2, '0'))
  return `PAYD${digits.join('')}`
}

const REFERENCE_DIGIT_COUNT = 6

/** Returns the bank reference that follows `last`, the last one of a day. `last` is undefined for the first one. */
export function referenceAfter(prefix: string, last: string | undefined): string {
  const number = last === undefined ? 0 : Number(last.slice(prefix.length))
  return prefix + String(number + 1).padStart(REFERENCE_DIGIT_COUNT, '0')
}
