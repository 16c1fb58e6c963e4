import type { FeeChange, FeeRates } from './fee.ts'
import type { AccountId } from './id.ts'
import type { Currency } from './money.ts'
import type { Edition, PaymentMethodType } from './payment-method.ts'
import { type BankAccount, PAYOUT_SCHEDULE_DEFAULT, type PayoutSchedule } from './payout.ts'
import { hasOddCharacter, isPlainText } from './text.ts'

/** A merchant account, which receives the payments of its sessions. */
export type Account = {
  readonly id: AccountId
  /** Shown to customers. */
  readonly name: string
  readonly edition: Edition
  /** The account's payment methods: some or all methods of its edition. */
  readonly paymentMethods: readonly PaymentMethodType[]
  /** The first fee rates. */
  readonly feeRates: FeeRates
  /** The later fee rates, in the order of their times. Undefined: none. */
  readonly feeChanges?: readonly FeeChange[]
  /** Origins of the pages that may embed the widget: `https://shop.example`. A lone `*` allows every page. */
  readonly frameOrigins: readonly string[]
  /** The color of the merchant's button: `#1a56db`. */
  readonly brandColor?: string
  /** The text on customers' statements, 1 to 22 characters. Undefined: the shortened name. */
  readonly statementDescriptor?: string
  /** The file name of the merchant's logo. Undefined: the page shows the name's first letter. */
  readonly logoFile?: string
  readonly termsUrl?: string
  readonly privacyUrl?: string
  /** True: the page does not say "Powered by Paydesk". */
  readonly hidesPoweredBy?: boolean
  /** The days of its payouts in a sandbox. Undefined: every day. */
  readonly payoutSchedule?: PayoutSchedule
  /** The parts of its sandbox's bank account that differ from the preset ones. */
  readonly bankAccount?: Partial<Pick<BankAccount, 'lastFourDigits' | 'routingNumber'>>
  /**
   * The time at which it was closed. A closed account accepts no new sessions, payment links, virtual accounts, charges
   * and debits. Undefined: it is open.
   */
  readonly closedAtMs?: number
}

/** The settings of an account's checkout page that can be changed later. */
export type AccountPage = Pick<
  Account,
  'brandColor' | 'logoFile' | 'termsUrl' | 'privacyUrl' | 'hidesPoweredBy'
>

const PAGE_URL_LENGTH_MAX = 500

/** Returns true if a text is the address of a web page, by http or https, without a user name or a password. */
export function isPageUrl(text: string): boolean {
  if (text.length > PAGE_URL_LENGTH_MAX || /[\s<>"]/.test(text) || !URL.canParse(text)) return false
  const { password, protocol, username } = new URL(text)
  return /^https?:$/.test(protocol) && username === '' && password === '' && !hasOddCharacter(text)
}

/** The longest text that a statement shows, in characters. */
export const STATEMENT_DESCRIPTOR_LENGTH_MAX = 22

/** Returns true if a text fits on customers' statements: 1 to 22 characters on one line. */
export function isStatementDescriptor(text: string): boolean {
  return isPlainText(text) && [...text].length <= STATEMENT_DESCRIPTOR_LENGTH_MAX
}

/** Returns the text on customers' statements for the account: its setting, else its shortened name. */
export function statementDescriptorOf({
  name,
  statementDescriptor,
}: Pick<Account, 'name' | 'statementDescriptor'>): string {
  return statementDescriptor ?? [...name].slice(0, STATEMENT_DESCRIPTOR_LENGTH_MAX).join('').trim()
}

/** Returns the schedule of the account's payouts. */
export const payoutScheduleOf = ({ payoutSchedule }: Account): PayoutSchedule =>
  payoutSchedule ?? PAYOUT_SCHEDULE_DEFAULT

/**
 * Returns true if accounts of an edition accept a currency: India accepts only rupees.
 *
 * Source: Zoho Payments API reference, errors page IN (seen 2026-11-22).
 */
export function editionTakes(edition: Edition, currency: Currency): boolean {
  return edition !== 'IN' || currency === 'INR'
}
