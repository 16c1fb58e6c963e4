import type { FastifyRequest } from 'fastify'
import { readOwnAccessKey } from '../domain/access-key.ts'
import type { Account } from '../domain/account.ts'
import { type AccountKeys, signingValueAt } from '../domain/account-keys.ts'
import type { CustomerRecord } from '../domain/customer.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import { type PaymentLink, paymentLinkRefusal } from '../domain/payment-link.ts'
import { statusAt } from '../domain/payment-session.ts'
import { hasCheckoutPage } from '../domain/records.ts'
import type { Refund } from '../domain/refund.ts'
import { openSealedWithAny } from '../domain/secret.ts'
import { signWidgetPayment } from '../domain/signature.ts'
import type { MovedRecord } from '../operations/apply-move.ts'
import type { PayDeps } from '../operations/pay-payment-session.ts'
import { paymentLinkReturnUrlOf, returnUrlOf } from '../operations/return-url.ts'
import type { PaymentSessionRecord, Store } from '../operations/store.ts'
import type { Tenant } from '../operations/tenant.ts'
import { queryValue } from '../pages/form.ts'
import { chooseLanguage, type Language } from './language.ts'
import { paymentLinkPath } from './payment-link/path.ts'
import {
  type CheckoutView,
  type PanelInstrument,
  type TestPanel,
  viewOf,
  type WidgetPayment,
} from './view.ts'

/** The settings of the checkout that are the same for all tenants. */
export type CheckoutDeps = Pick<PayDeps, 'attemptLifeMs' | 'patienceMs' | 'onLost'> & {
  /** The path below which clients reach this server: `/pay`, or empty. */
  readonly basePath: string
  readonly panel: TestPanel | undefined
  /** The instruments of a sandbox's panel on the page that saves a payment method. */
  readonly savable?: readonly PanelInstrument[] | undefined
}

/** A session that was opened by its access key. */
export type OpenedCheckout = {
  readonly path: string
  readonly session: PaymentSessionRecord
  /** Newest first. */
  readonly attempts: readonly PaymentAttempt[]
  /** The refunds of late money. */
  readonly refunds: readonly Refund[]
  readonly account: Account
  /** Set in the widget: the origins of the embedding pages, the nearest first. */
  readonly frameOrigins: readonly string[] | undefined
  /** Undefined: no link made the session. */
  readonly link: PaymentLink | undefined
  /** True: the page is in the widget, and another browser opened the session first. */
  readonly isForeign: boolean
}

/** The time in which a key shows the result after the session's expiry: a day. */
const KEY_KEPT_MS = 24 * 60 * 60_000

/**
 * Finds the session of an access key. A key with a wrong signature is refused without a database read; a frame's key
 * works only in the frame. Undefined: the key is invalid or too old, or the session has no checkout page. The key of a
 * session in progress is never too old.
 */
export async function openCheckout(
  { clock, keys, store }: Pick<Tenant, 'clock' | 'keys' | 'store'>,
  accessKey: string,
  path: string,
  frameOrigins: readonly string[] | undefined,
): Promise<OpenedCheckout | undefined> {
  const content = readOwnAccessKey(accessKey, keys)
  if (content === undefined) return undefined
  const isInFrame = content.place !== 'page'
  if (isInFrame !== (frameOrigins !== undefined)) return undefined
  const session = await store.paymentSessions.find(content.paymentSessionId)
  if (session === undefined || !hasCheckoutPage(session)) return undefined
  const isOld = clock.nowMs() > session.expiresAtMs + KEY_KEPT_MS
  if (isOld && statusAt(session, clock.nowMs()) !== 'in_progress') return undefined
  const account = await store.accounts.find(session.accountId)
  if (account === undefined) return undefined
  const isForeign = content.place === 'foreign_frame'
  const link = await linkOf(store, session)
  const payments = await paymentsOf(store, session)
  return { path, session, account, frameOrigins, link, isForeign, ...payments }
}

/** Reads the payment link that made a session, without a query if there is none. */
async function linkOf(
  store: Store,
  { paymentLinkId }: PaymentSessionRecord,
): Promise<PaymentLink | undefined> {
  return paymentLinkId && store.paymentLinks.find(paymentLinkId)
}

/**
 * Reads a session's attempts, newest first, and the refunds of late money. It makes no query for attempts if the
 * session has none, and no query for refunds if there is no late money.
 */
export async function paymentsOf(
  store: Store,
  { attemptCount, id }: PaymentSessionRecord,
): Promise<Pick<OpenedCheckout, 'attempts' | 'refunds'>> {
  const attempts = attemptCount === 0 ? [] : await store.paymentAttempts.listBySession(id)
  return { attempts, refunds: await refundsOf(store, attempts) }
}

/** Reads the refunds of the late money among attempts. */
export async function refundsOf(
  store: Pick<Store, 'refunds'>,
  attempts: readonly PaymentAttempt[],
): Promise<readonly Refund[]> {
  const refundedAttempts = attempts.filter(({ status }) => status === 'refunded')
  const refunds = await Promise.all(
    refundedAttempts.map((attempt) => store.refunds.listByPayment(attempt.id)),
  )
  return refunds.flat()
}

/** Returns the page of the payment link that made a session. Undefined: no link made it, or the page is in the widget. */
export function linkPageOf(
  { frameOrigins, link }: Pick<OpenedCheckout, 'frameOrigins' | 'link'>,
  basePath: string,
  language: Language,
): string | undefined {
  if (link === undefined || frameOrigins !== undefined) return undefined
  return `${paymentLinkPath(link, basePath)}?lang=${language}`
}

/**
 * Returns the page of the payment link if it has to be shown instead of a form: the session could be paid, but not the
 * link, for example because another session has paid it or is paying it. Undefined: the session's own page has to be
 * shown.
 */
export function linkPageInstead(
  checkout: OpenedCheckout,
  nowMs: number,
  basePath: string,
  language: Language,
): string | undefined {
  const { link, session } = checkout
  if (link === undefined || statusAt(session, nowMs) !== 'created') return undefined
  const isOver = paymentLinkRefusal(link, 'begin_payment', nowMs) !== undefined
  return isOver ? linkPageOf(checkout, basePath, language) : undefined
}

/**
 * Returns true if the customer may cancel the newest attempt. In a browser that did not open the session first, the
 * customer may cancel only an attempt from such a browser.
 */
export function mayChange({
  attempts,
  isForeign,
}: Pick<OpenedCheckout, 'attempts' | 'isForeign'>): boolean {
  return !isForeign || attempts[0]?.isForeign === true
}

/**
 * Returns a session after a move of its only attempt, without a read. Undefined: attempts or refunds have to be read.
 */
export function checkoutAfter(
  checkout: OpenedCheckout,
  { attempt, session }: Pick<MovedRecord, 'attempt' | 'session'>,
): OpenedCheckout | undefined {
  if (attempt === undefined || session.attemptCount !== 1) return undefined
  return attempt.status === 'refunded' ? undefined : { ...checkout, session, attempts: [attempt] }
}

/** Reads a session again after a change. */
export async function reopen(
  { store }: Pick<Tenant, 'store'>,
  checkout: OpenedCheckout,
): Promise<OpenedCheckout> {
  const session = (await store.paymentSessions.find(checkout.session.id)) ?? checkout.session
  const link = await linkOf(store, session)
  return { ...checkout, session, link, ...(await paymentsOf(store, session)) }
}

/** Returns the language and the device that the customer's browser reports. */
export function customerOf(request: FastifyRequest): {
  readonly language: Language
  readonly isPhone: boolean
} {
  const { headers } = request
  const isPhone =
    headers['sec-ch-ua-mobile'] === '?1' || /\bMobi|Android/.test(headers['user-agent'] ?? '')
  return {
    language: chooseLanguage(queryValue(request, 'lang'), headers['accept-language']),
    isPhone,
  }
}

/** Returns the current view of an opened session. */
export async function viewFor(
  tenant: Tenant,
  { basePath, panel }: Pick<CheckoutDeps, 'basePath' | 'panel'>,
  checkout: OpenedCheckout,
  customer: ReturnType<typeof customerOf>,
): Promise<CheckoutView> {
  const { account, attempts, frameOrigins, path, refunds, session } = checkout
  const nowMs = tenant.clock.nowMs()
  const signingKey = await signingKeyOf(tenant, account)
  const payment = frameOrigins === undefined ? undefined : widgetPayment(checkout, signingKey)
  const linkPath = linkPageOf(checkout, basePath, customer.language)
  return viewOf({
    path,
    basePath,
    mayChange: mayChange(checkout),
    session,
    attempts,
    refunds,
    account,
    storedCustomer: await findCustomer(tenant, checkout),
    processor: tenant.processor,
    mode: tenant.mode,
    sendsReceipts: tenant.messageChannels.includes('email'),
    ...customer,
    // In the widget the embedding page gets the outcome, and the customer stays on that page.
    returnUrl:
      frameOrigins === undefined ? returnUrlFor(checkout, signingKey, linkPath, nowMs) : undefined,
    linkPath,
    frame:
      frameOrigins === undefined
        ? undefined
        : {
            accountId: account.id,
            paymentSessionId: session.id,
            origins: frameOrigins,
            ...(payment !== undefined && { payment }),
          },
    panel,
    nowMs,
  })
}

/**
 * Finds the stored customer of a session. Only a page that is not in a frame shows the customer's data, and only while
 * the session can be paid.
 */
async function findCustomer(
  { clock, store }: Pick<Tenant, 'clock' | 'store'>,
  { frameOrigins, session }: Pick<OpenedCheckout, 'frameOrigins' | 'session'>,
): Promise<CustomerRecord | undefined> {
  const { customerId } = session
  if (customerId === undefined || frameOrigins !== undefined) return undefined
  if (statusAt(session, clock.nowMs()) !== 'created') return undefined
  const customer = await store.customers.find(customerId)
  return customer?.deletedAtMs === undefined ? customer : undefined
}

/**
 * Returns the URL to which the page redirects at the end. A payment link's customers return to the
 * shop only after a success, and to the link after an end without success. While the outcome is
 * open they stay on the page.
 */
function returnUrlFor(
  { attempts, link, session }: OpenedCheckout,
  signingKey: string,
  linkPath: string | undefined,
  nowMs: number,
): string | undefined {
  if (link === undefined) return returnUrlOf(session, attempts, signingKey, nowMs)
  switch (statusAt(session, nowMs)) {
    case 'succeeded': {
      const payment = attempts.find(({ status }) => status === 'succeeded')
      return payment && paymentLinkReturnUrlOf(link, payment, signingKey)
    }
    case 'created':
    case 'in_progress':
      return undefined
    default:
      return linkPath
  }
}

/**
 * Returns the key that signs for an account now: after a rotation the previous key, until its
 * overlap ends.
 */
export async function signingKeyOf(
  { clock, keys, store }: Tenant,
  { id }: Account,
): Promise<string> {
  const accountKeys = await store.accounts.findKeys(id)
  if (accountKeys === undefined) throw new Error(`account ${id} has no keys`)
  const sealedKey = signingValueAt(accountKeys.signing, clock.nowMs())
  const cachedKey = OPENED_KEYS.get(accountKeys)
  if (cachedKey?.sealedKey === sealedKey) return cachedKey.plainKey
  const plainKey = openSealedWithAny(sealedKey, keys)
  OPENED_KEYS.set(accountKeys, { sealedKey, plainKey })
  return plainKey
}

/** The opened signing keys of accounts whose keys the store still caches. */
const OPENED_KEYS = new WeakMap<
  AccountKeys,
  { readonly sealedKey: string; readonly plainKey: string }
>()

/**
 * Returns the value of the widget's promise. Undefined: no attempt has succeeded.
 *
 * Source: Zoho Payments developer documentation, web integration (seen 2026-11-22). The session's id has two names,
 * because integrations read either.
 */
function widgetPayment(
  { attempts, session }: OpenedCheckout,
  signingKey: string,
): WidgetPayment | undefined {
  const paidAttempt = attempts.find(({ status }) => status === 'succeeded')
  if (paidAttempt === undefined) return undefined
  const payment = { payment_id: paidAttempt.id, payment_session_id: session.id }
  return {
    ...payment,
    payments_session_id: session.id,
    ...(paidAttempt.mandateId !== undefined && { mandate_id: paidAttempt.mandateId }),
    message: 'success',
    signature: signWidgetPayment(payment, signingKey),
  }
}
