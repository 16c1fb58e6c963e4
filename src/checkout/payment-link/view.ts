import type { Account } from '../../domain/account.ts'
import { accountDayAt } from '../../domain/account-day.ts'
import { localeOf } from '../../domain/language.ts'
import type { PaymentAttempt } from '../../domain/payment-attempt.ts'
import { type PaymentLink, paymentLinkStatusAt } from '../../domain/payment-link.ts'
import type { Refund } from '../../domain/refund.ts'
import { showMoney } from '../../domain/show-money.ts'
import { LANGUAGES, type Language } from '../language.ts'
import { type StrayMoney, strayMoneyOf } from '../stray-money.ts'

/** The states of the page of a payment link, each with its own appearance. */
export type PaymentLinkState = 'active' | 'processing' | 'paid' | 'expired' | 'canceled'

/** The full content of a payment link's page. Plain data that is sent to the browser. */
export type PaymentLinkView = {
  /** Distinguishes this view from the view of the checkout. */
  readonly kind: 'payment_link'
  readonly state: PaymentLinkState
  /** The path of the page. The paths of its state and its files begin with it. */
  readonly path: string
  readonly language: Language
  readonly locale: string
  readonly direction: 'ltr' | 'rtl'
  readonly isTest: boolean
  readonly merchant: string
  /** The amount to show: `₹1,499.90`. */
  readonly amount: string
  readonly description: string
  readonly reference?: string
  /** Undefined: the account has no logo. */
  readonly logoPath?: string
  /**
   * The last day on which the link can be paid, in the account's time zone and the page's language: `22 Dec 2025`.
   */
  readonly lastDay: string
  /** Set in the state `paid`. */
  readonly payment?: { readonly paymentId: string; readonly atMs: number }
  /** Undefined: no money of a payment returns. */
  readonly strayMoney?: StrayMoney
}

/** The facts of a payment link's page. */
export type PaymentLinkSource = {
  readonly link: PaymentLink
  readonly account: Account
  /** Newest first. */
  readonly attempts: readonly PaymentAttempt[]
  /** The refunds of late money. */
  readonly refunds: readonly Refund[]
  readonly path: string
  readonly language: Language
  readonly mode: 'sandbox' | 'live'
  readonly nowMs: number
}

/** Returns the current content of a payment link's page. Pure. */
export function paymentLinkViewOf(source: PaymentLinkSource): PaymentLinkView {
  const { account, attempts, language, link, nowMs, path } = source
  const payment = attempts.find(({ id }) => id === link.paidAttemptId)
  const locale = localeOf(language, account.edition)
  const strayMoney = strayMoneyOf(source)
  return {
    kind: 'payment_link',
    state: stateOf(account, link, nowMs),
    path,
    language,
    locale,
    direction: LANGUAGES[language].direction,
    isTest: source.mode === 'sandbox',
    merchant: account.name,
    amount: showMoney(link.amount),
    description: link.description,
    lastDay: lastDayOf(account, link, locale),
    ...(link.referenceId !== undefined && { reference: link.referenceId }),
    ...(account.logoFile !== undefined && { logoPath: `${path}/logo/${account.logoFile}` }),
    ...(payment !== undefined && {
      payment: { paymentId: payment.id, atMs: payment.decidedAtMs ?? payment.createdAtMs },
    }),
    ...(strayMoney !== undefined && { strayMoney }),
  }
}

function stateOf(account: Account, link: PaymentLink, nowMs: number): PaymentLinkState {
  const status = paymentLinkStatusAt(link, nowMs)
  if (status !== 'active') return status
  if (link.currentSessionId !== undefined) return 'processing'
  // A closed account can no longer be paid.
  return account.closedAtMs === undefined ? 'active' : 'canceled'
}

/** Writes the last day of a link: the day of the last millisecond before its expiry, in the account's time zone. */
function lastDayOf({ edition }: Account, { expiresAtMs }: PaymentLink, locale: string): string {
  const { day, month, year } = accountDayAt(edition, expiresAtMs - 1)
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' })
  return format.format(Date.UTC(year, month, day))
}
