import type { Account } from '../domain/account.ts'
import type { InstrumentFacts } from '../domain/instrument.ts'
import { exponentOf, formatMoney, type Money } from '../domain/money.ts'
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
import { configurationsOf } from '../operations/configurations.ts'
import type { PaymentSessionRecord } from '../operations/store.ts'
import type { PayerChoice, Processor } from '../processors/processor.ts'
import { LANGUAGES, type Language, localeOf } from './language.ts'
import type { PayForm } from './read-pay-form.ts'

/** The states of the page. Each has its own appearance. */
export type CheckoutState =
  /** Can be paid. After a decline it says what happened. */
  | 'ready'
  /** The customer has something to do elsewhere: see `action`. */
  | 'action'
  /** The processor has not decided. */
  | 'pending'
  | 'succeeded'
  | 'failed'
  | 'expired'
  | 'canceled'

/** The sandbox's panel: what can be clicked into the form. */
export type TestPanel = {
  readonly instruments: readonly {
    readonly method: PaymentMethodType
    readonly label: string
    /** A short title of the outcome. */
    readonly outcome: string
    readonly fill: PayForm
  }[]
}

/** Everything that the checkout page shows. Plain data: it is sent to the browser as it is. */
export type CheckoutView = {
  /** Differs whenever anything that matters differs. */
  readonly version: string
  /** The path of the page, below which its other addresses lie. */
  readonly path: string
  readonly state: CheckoutState
  readonly language: Language
  readonly locale: string
  readonly direction: 'ltr' | 'rtl'
  readonly isTest: boolean
  readonly merchant: string
  /** As it is shown: `₹1,499.90`. */
  readonly amount: string
  /** As it is copied: `1499.90`. */
  readonly plainAmount: string
  readonly description?: string
  readonly invoiceNumber?: string
  readonly methods: readonly PaymentMethodType[]
  readonly banks: readonly PayerChoice[]
  readonly wallets: readonly PayerChoice[]
  readonly isPhone: boolean
  /** The country of the customer's phone number by the merchant, as ISO 3166. */
  readonly phoneCountry?: string
  readonly nowMs: number
  readonly expiresAtMs: number
  /** Which attempt the next one is. */
  readonly number: number
  readonly triesLeft: number
  /** The outcome of the last attempt, if the session is payable again or has ended. */
  readonly lastFailure?: DeclineCode | 'refunded_late'
  readonly action?: CustomerAction
  /**
   * Late money of any attempt. `isStuck`: its refund has failed, so a person has to act. Undefined: there is
   * none.
   */
  readonly strayMoney?: { readonly isStuck: boolean; readonly paymentId: string }
  /** The attempt that the state is about. */
  readonly attempt?: {
    readonly id: string
    /** Which attempt of the session it is, from 1. */
    readonly number: number
    readonly instrument: InstrumentFacts
    /** The time of the decision, else of the start. */
    readonly atMs: number
  }
  /** True: the customer can cancel the waiting attempt and choose another method. */
  readonly canChange: boolean
  readonly prefill: Customer & { readonly name?: string }
  /** The signed return URL. Undefined: there is none, the page can be closed. */
  readonly returnUrl?: string
  /** Set in the widget. */
  readonly frame?: {
    readonly accountId: string
    readonly paymentSessionId: string
    /** The origins of the outer pages; the first, nearest one receives the outcome. */
    readonly origins: readonly string[]
    /** The value of the widget's promise, once the session is paid. */
    readonly payment?: WidgetPayment
  }
  readonly panel?: TestPanel
}

/** The value of the widget's promise. */
export type WidgetPayment = {
  readonly payment_id: string
  readonly payments_session_id: string
  readonly payment_session_id: string
  readonly message: string
  readonly signature: string
}

/** The source of a view. */
export type ViewSource = {
  readonly path: string
  readonly session: PaymentSessionRecord
  /** Newest first. */
  readonly attempts: readonly PaymentAttempt[]
  /** Of money that came too late. */
  readonly refunds: readonly Refund[]
  readonly account: Account
  /** The path below which this server is reached: `/pay`, or empty. */
  readonly basePath: string
  /** True: the customer may cancel the newest attempt. */
  readonly mayChange: boolean
  readonly processor: Pick<Processor, 'banks' | 'wallets' | 'cancelCharge'>
  readonly mode: 'sandbox' | 'live'
  readonly language: Language
  readonly isPhone: boolean
  readonly returnUrl: string | undefined
  readonly frame: CheckoutView['frame']
  readonly panel: TestPanel | undefined
  readonly nowMs: number
}

/** Gives what a checkout page shows now. Pure. */
export function viewOf(source: ViewSource): CheckoutView {
  const { account, attempts, language, nowMs, path, processor, session } = source
  const { hosted, methods = account.paymentMethods } = configurationsOf(session)
  const [attempt] = attempts
  const state = stateOf(session, attempt, nowMs)
  const description = hosted?.description ?? descriptionOf(session)
  const locale = localeOf(language, account.edition)
  const lastFailure = failureOf(attempt)
  const strayMoney = strayMoneyOf(source)
  const isInFrame = source.frame !== undefined
  const isOpen = attempt !== undefined && !isDecided(attempt)

  return {
    version: versionAt(source, nowMs),
    path,
    state,
    language,
    locale,
    direction: LANGUAGES[language].direction,
    isTest: source.mode === 'sandbox',
    merchant: account.name,
    amount: showMoney(session.amount, locale),
    plainAmount: formatMoney(session.amount),
    methods: offered(methods, account, processor),
    banks: processor.banks ?? [],
    wallets: processor.wallets ?? [],
    isPhone: source.isPhone,
    ...(hosted?.phone_country_code !== undefined && { phoneCountry: hosted.phone_country_code }),
    nowMs,
    expiresAtMs: session.expiresAtMs,
    number: session.attemptCount + 1,
    triesLeft: session.attemptCountMax - session.attemptCount,
    // One that is on its way to the processor cannot be called back.
    canChange:
      source.mayChange && attempt?.status === 'pending' && processor.cancelCharge !== undefined,
    // Known to who holds the link while it can be paid; a frame is opened with what is no secret.
    prefill:
      isInFrame || state !== 'ready'
        ? {}
        : {
            ...(hosted?.name !== undefined && { name: hosted.name }),
            ...(hosted?.email !== undefined && { email: hosted.email }),
            ...(hosted?.phone !== undefined && { phone: hosted.phone }),
          },
    ...(description !== undefined && { description }),
    ...(session.invoiceNumber !== undefined && { invoiceNumber: session.invoiceNumber }),
    ...(lastFailure !== undefined && { lastFailure }),
    ...(strayMoney !== undefined && { strayMoney }),
    ...(isOpen &&
      attempt.action !== undefined && { action: withBasePath(attempt.action, source.basePath) }),
    ...(attempt !== undefined && {
      attempt: {
        id: attempt.id,
        number: attempt.number,
        instrument: isInFrame ? withoutNames(attempt.instrument) : attempt.instrument,
        atMs: attempt.decidedAtMs ?? attempt.createdAtMs,
      },
    }),
    ...(source.returnUrl !== undefined && { returnUrl: source.returnUrl }),
    ...(source.frame !== undefined && { frame: source.frame }),
    ...(source.panel !== undefined && { panel: source.panel }),
  }
}

/** Puts the base path in front of a page of this server, such as the sandbox's 3-D Secure page. */
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
 * Gives what a page that is open compares to know that something has happened, to the session or to
 * any of its attempts. Made of few columns: an open page asks all the time.
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

/** Transfers that were not the amount: the bank gives them back. */
const RETURNED_TRANSFERS: readonly (DeclineCode | undefined)[] = [
  'transfer_late',
  'transfer_over',
  'transfer_short',
]

function strayMoneyOf({
  attempts,
  refunds,
}: Pick<ViewSource, 'attempts' | 'refunds'>): CheckoutView['strayMoney'] {
  const stuck = refunds.find(({ status }) => status === 'failed')
  if (stuck !== undefined) return { isStuck: true, paymentId: stuck.paymentAttemptId }
  const stray = attempts.find(
    ({ declineCode, status }) => status === 'refunded' || RETURNED_TRANSFERS.includes(declineCode),
  )
  return stray && { isStuck: false, paymentId: stray.id }
}

/** Gives the facts of a receipt without the customer's data. */
function withoutNames(instrument: InstrumentFacts): InstrumentFacts {
  switch (instrument.type) {
    case 'card':
      return { ...instrument, holderName: '' }
    case 'upi': {
      const { upiId: _, ...rest } = instrument
      return rest
    }
    case 'ach_debit':
      return { ...instrument, accountHolderName: '' }
    default:
      return instrument
  }
}

function failureOf(attempt: PaymentAttempt | undefined): CheckoutView['lastFailure'] {
  return attempt?.status === 'refunded' ? 'refunded_late' : attempt?.declineCode
}

/** Those that can be offered: enabled still, and with something to choose. */
function offered(
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
  // What most customers in India pay with comes first.
  return can.toSorted((a, b) => Number(b === 'upi') - Number(a === 'upi'))
}

function descriptionOf({ echoedJson }: PaymentSessionRecord): string | undefined {
  return (JSON.parse(echoedJson) as { description?: string }).description
}

/** Writes an amount as the customer's language does, with exactly the currency's decimals. */
export function showMoney(money: Money, locale: string): string {
  const digits = exponentOf(money.currency)
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: money.currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    // As a decimal text, for a float would round what is large.
  }).format(formatMoney(money) as `${number}`)
}
