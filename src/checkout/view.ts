import type { Account } from '../domain/account.ts'
import type { CardBrand } from '../domain/card-brand.ts'
import type { CustomerRecord } from '../domain/customer.ts'
import { type InstrumentFacts, withoutPayer } from '../domain/instrument.ts'
import { localeOf } from '../domain/language.ts'
import { formatMoney } from '../domain/money.ts'
import type {
  Customer,
  CustomerAction,
  DeclineCode,
  PaymentAttempt,
} from '../domain/payment-attempt.ts'
import { isDecided } from '../domain/payment-attempt.ts'
import type { PaymentMethodType } from '../domain/payment-method.ts'
import { statusAt } from '../domain/payment-session.ts'
import type { Refund } from '../domain/refund.ts'
import { showMoney } from '../domain/show-money.ts'
import { configurationsOf } from '../operations/configurations.ts'
import type { PaymentSessionRecord } from '../operations/store.ts'
import type { PayerChoice, Processor } from '../processors/processor.ts'
import { LANGUAGES, type Language } from './language.ts'
import { type MandateView, mandateView } from './mandate-view.ts'
import { itemsOf, type OrderItem } from './order-items.ts'
import type { PayForm } from './read-pay-form.ts'
import { type StrayMoney, strayMoneyOf } from './stray-money.ts'

type CheckoutState =
  /** The session can be paid. After a decline the page shows the reason. */
  | 'ready'
  /** The customer has to act: see `action`. */
  | 'action'
  /** The processor has not decided. */
  | 'pending'
  | 'succeeded'
  | 'failed'
  | 'expired'
  | 'canceled'

/** The sandbox's panel: the instruments that can fill the form. */
export type TestPanel = {
  readonly instruments: readonly PanelInstrument[]
}

/** A test instrument of the sandbox's panel. */
export type PanelInstrument = {
  readonly method: PaymentMethodType
  readonly label: string
  /** A short title of the outcome. */
  readonly outcome: string
  readonly fill: PayForm
}

/** The full content of the checkout page. Plain data that is sent to the browser. */
export type CheckoutView = {
  /** Changes whenever the page's content changes. */
  readonly version: string
  /** The path of the page. The paths of its forms and its files begin with it. */
  readonly path: string
  readonly state: CheckoutState
  readonly language: Language
  readonly locale: string
  readonly direction: 'ltr' | 'rtl'
  readonly isTest: boolean
  readonly merchant: string
  /** The amount to show: `₹1,499.90`. */
  readonly amount: string
  /** The amount to copy: `1499.90`. */
  readonly plainAmount: string
  readonly description?: string
  readonly invoiceNumber?: string
  /** Undefined: the session enrolls no mandate. */
  readonly mandate?: MandateView
  /** The line items, from the session's `meta_data`. */
  readonly items: readonly OrderItem[]
  /** Undefined: the account has no logo. */
  readonly logoPath?: string
  readonly cardBrands: readonly CardBrand[]
  readonly methods: readonly PaymentMethodType[]
  readonly banks: readonly PayerChoice[]
  readonly wallets: readonly PayerChoice[]
  readonly isPhone: boolean
  /** The country of the customer's phone number as the merchant has sent it, in ISO 3166. */
  readonly phoneCountry?: string
  readonly nowMs: number
  readonly expiresAtMs: number
  /** The number of the next attempt. */
  readonly number: number
  readonly remainingTries: number
  /** The reason why the last attempt failed. Undefined: it has not failed. */
  readonly lastFailure?: DeclineCode | 'refunded_late'
  readonly action?: CustomerAction
  /** Undefined: no money of an attempt returns. */
  readonly strayMoney?: StrayMoney
  /** The attempt that the state is about. */
  readonly attempt?: {
    readonly id: string
    /** The number of the attempt in its session, from 1. */
    readonly number: number
    readonly instrument: InstrumentFacts
    /** The time of the decision, or of the start if there is no decision. */
    readonly atMs: number
    /** Money that the processor takes later than this is refunded. In milliseconds since 1970. */
    readonly deadlineAtMs: number
  }
  /** True: the customer can cancel the waiting attempt and choose another method. */
  readonly canChange: boolean
  readonly prefill: Customer & { readonly name?: string }
  /** True: a customer who gives an e-mail address gets a receipt. */
  readonly sendsReceipts: boolean
  /**
   * The URL to which the page redirects at the end: the signed return URL, or the page of the
   * payment link. Undefined: there is none, and the customer can close the page.
   */
  readonly returnUrl?: string
  /** Undefined: no link made the session. */
  readonly linkPath?: string
  /** Set in the widget. */
  readonly frame?: {
    readonly accountId: string
    readonly paymentSessionId: string
    /** The origins of the outer pages; the first, nearest one receives the outcome. */
    readonly origins: readonly string[]
    /** The value of the widget's promise, if the session is paid. */
    readonly payment?: WidgetPayment
  }
  readonly panel?: TestPanel
}

/** The value of the widget's promise. */
export type WidgetPayment = {
  readonly payment_id: string
  readonly payments_session_id: string
  readonly payment_session_id: string
  /** The mandate that the payment has enrolled. Paydesk extension. */
  readonly mandate_id?: string
  readonly message: string
  readonly signature: string
}

type ViewSource = {
  readonly path: string
  readonly session: PaymentSessionRecord
  /** Newest first. */
  readonly attempts: readonly PaymentAttempt[]
  /** The refunds of late money. */
  readonly refunds: readonly Refund[]
  readonly account: Account
  /** Undefined: the session has no customer, or the customer's data is not shown in this state. */
  readonly storedCustomer: CustomerRecord | undefined
  /** The path below which clients reach this server: `/pay`, or empty. */
  readonly basePath: string
  readonly mayChange: boolean
  readonly processor: Pick<Processor, 'banks' | 'wallets' | 'cardBrands' | 'cancelCharge'>
  readonly mode: 'sandbox' | 'live'
  readonly sendsReceipts: boolean
  readonly language: Language
  readonly isPhone: boolean
  readonly returnUrl: string | undefined
  readonly linkPath: string | undefined
  readonly frame: CheckoutView['frame']
  readonly panel: TestPanel | undefined
  readonly nowMs: number
}

type Payable = Pick<CheckoutView, 'methods' | 'banks' | 'wallets' | 'description' | 'phoneCountry'>

/** Returns the choices of a session's payment form, and the description of the payment. Pure. */
export function payableOf(
  { account, processor, session }: Pick<ViewSource, 'account' | 'processor' | 'session'>,
  { hostedPage, methods = account.paymentMethods } = configurationsOf(session),
): Payable {
  const description = hostedPage?.description ?? descriptionOf(session)
  return {
    methods: offeredMethods(methods, account, processor),
    banks: processor.banks ?? [],
    wallets: processor.wallets ?? [],
    ...(hostedPage?.phone_country_code !== undefined && {
      phoneCountry: hostedPage.phone_country_code,
    }),
    ...(description !== undefined && { description }),
  }
}

/** Returns the current content of a checkout page. Pure. */
export function viewOf(source: ViewSource): CheckoutView {
  const { account, attempts, language, nowMs, path, processor, session } = source
  const { typeFacts } = session
  const configurations = configurationsOf(session)
  const { hostedPage } = configurations
  const [attempt] = attempts
  const state = stateOf(session, attempt, nowMs)
  const locale = localeOf(language, account.edition)
  const lastFailure = lastFailureOf(attempt)
  const strayMoney = strayMoneyOf(source)
  const isInFrame = source.frame !== undefined
  // These pages can be seen by other people than the payer: all customers of a link open the same session.
  const isShared = isInFrame || session.paymentLinkId !== undefined
  const isOpen = attempt !== undefined && !isDecided(attempt)

  return {
    version: versionAt(source, nowMs),
    path,
    state,
    language,
    locale,
    direction: LANGUAGES[language].direction,
    isTest: source.mode === 'sandbox',
    sendsReceipts: source.sendsReceipts,
    merchant: account.name,
    amount: showMoney(session.amount),
    plainAmount: formatMoney(session.amount),
    ...payableOf(source, configurations),
    cardBrands: processor.cardBrands ?? [],
    items: itemsOf(session),
    ...(typeFacts?.type === 'mandate_enrollment' && {
      mandate: mandateView(typeFacts, session.amount, locale),
    }),
    isPhone: source.isPhone,
    nowMs,
    expiresAtMs: session.expiresAtMs,
    number: session.attemptCount + 1,
    remainingTries: session.attemptCountMax - session.attemptCount,
    // While the charge is being sent to the processor, the attempt cannot be canceled.
    canChange:
      source.mayChange && attempt?.status === 'pending' && processor.cancelCharge !== undefined,
    // The data is sent only while the session can be paid, and never to a frame, because a frame opens without a secret.
    prefill: isInFrame || state !== 'ready' ? {} : prefillOf(hostedPage, source.storedCustomer),
    ...(account.logoFile !== undefined && { logoPath: `${path}/logo/${account.logoFile}` }),
    ...(session.invoiceNumber !== undefined && { invoiceNumber: session.invoiceNumber }),
    ...(lastFailure !== undefined && { lastFailure }),
    ...(strayMoney !== undefined && { strayMoney }),
    ...(isOpen &&
      attempt.action !== undefined && { action: withBasePath(attempt.action, source.basePath) }),
    ...(attempt !== undefined && {
      attempt: {
        id: attempt.id,
        number: attempt.number,
        instrument: isShared ? withoutPayer(attempt.instrument) : attempt.instrument,
        atMs: attempt.decidedAtMs ?? attempt.createdAtMs,
        deadlineAtMs: attempt.deadlineAtMs,
      },
    }),
    ...(source.returnUrl !== undefined && { returnUrl: source.returnUrl }),
    ...(source.linkPath !== undefined && { linkPath: source.linkPath }),
    ...(source.frame !== undefined && { frame: source.frame }),
    ...(source.panel !== undefined && { panel: source.panel }),
  }
}

function prefillOf(
  hostedPage: ReturnType<typeof configurationsOf>['hostedPage'],
  customer: CustomerRecord | undefined,
): CheckoutView['prefill'] {
  const { digits, dialingCode } = customer?.phone ?? {}
  const storedPhone =
    digits === undefined || dialingCode === undefined ? digits : `${dialingCode} ${digits}`
  const { email = customer?.email, name = customer?.name, phone = storedPhone } = hostedPage ?? {}
  return {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
  }
}

function withBasePath(action: CustomerAction, basePath: string): CustomerAction {
  const isOwnPage = action.kind === 'redirect' && action.url.startsWith('/')
  return isOwnPage ? { ...action, url: `${basePath}${action.url}` } : action
}

function stateOf(
  session: PaymentSessionRecord,
  attempt: PaymentAttempt | undefined,
  nowMs: number,
): CheckoutState {
  const status = statusAt(session, nowMs)
  switch (status) {
    case 'created':
      return 'ready'
    case 'in_progress':
      return attempt?.action === undefined ? 'pending' : 'action'
    default:
      return status
  }
}

/**
 * Returns the value that an open page compares to detect a change of the session, its attempts or the refunds of late
 * money. It uses few columns, because every open page reads it repeatedly.
 */
export function versionAt(
  { attempts, refunds, session }: Pick<ViewSource, 'attempts' | 'refunds' | 'session'>,
  nowMs: number,
): string {
  const [attempt] = attempts
  return [
    stateOf(session, attempt, nowMs),
    session.expiresAtMs,
    attempt?.action?.kind ?? '',
    ...attempts.map(({ status }) => status),
    ...refunds.map(({ status }) => status),
  ].join('.')
}

function lastFailureOf(attempt: PaymentAttempt | undefined): CheckoutView['lastFailure'] {
  return attempt?.status === 'refunded' ? 'refunded_late' : attempt?.declineCode
}

function offeredMethods(
  methods: readonly PaymentMethodType[],
  account: Account,
  { banks = [], wallets = [] }: Pick<Processor, 'banks' | 'wallets'>,
): readonly PaymentMethodType[] {
  const can = methods.filter(
    (method) =>
      account.paymentMethods.includes(method) &&
      (method !== 'netbanking' || banks.length > 0) &&
      (method !== 'wallet' || wallets.length > 0),
  )
  // The method of most customers in India comes first.
  return can.toSorted((a, b) => Number(b === 'upi') - Number(a === 'upi'))
}

function descriptionOf({ echoedJson }: PaymentSessionRecord): string | undefined {
  return (JSON.parse(echoedJson) as { description?: string }).description
}
