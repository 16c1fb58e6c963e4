import { ACCESS_KEY_RANDOM_BYTES, type AccessKey, makeAccessKey } from '../domain/access-key.ts'
import type { PaymentLinkId } from '../domain/id.ts'
import {
  type PaymentLink,
  paymentLinkRefusal,
  type RefusedLinkMove,
} from '../domain/payment-link.ts'
import { ATTEMPT_COUNT_MAX, EXPIRES_IN_SECONDS, statusAt } from '../domain/payment-session.ts'
import {
  type DrawDeps,
  drawPaymentSession,
  type PaymentSessionRequest,
} from './draw-payment-session.ts'
import { type LinkDeps, moveLink } from './move-payment-link.ts'
import type { PaymentSessionRecord, Store, Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'

type OpenDeps = DrawDeps & LinkDeps & { readonly store: Pick<Store, 'publicIds' | 'transaction'> }

type OpenedLink = { readonly session: PaymentSessionRecord; readonly accessKey: AccessKey }

const REFERENCE_NUMBER_LENGTH_MAX = 50

/**
 * Opens the session of a payment link: its newest one while that can be paid, otherwise a new one. Two customers who
 * click at the same time get the same session. Undefined: there is no such link.
 */
export function openPaymentLink(
  deps: OpenDeps,
  id: PaymentLinkId,
): Promise<OpenedLink | RefusedLinkMove | { readonly refused: 'account_closed' } | undefined> {
  return deps.store.transaction(async (tx) => {
    const link = await tx.paymentLinks.lock(id)
    if (link === undefined) return undefined
    const refusal = paymentLinkRefusal(link, 'open_session', deps.clock.nowMs())
    if (refusal !== undefined) return { refused: refusal }
    const newest = await payableSession(tx, deps, link)
    if (newest !== undefined) return { session: newest, accessKey: newAccessKey(deps, newest) }
    const account = await tx.accounts.find(link.accountId)
    if (account === undefined || account.closedAtMs !== undefined) {
      return { refused: 'account_closed' }
    }
    const session = await storeSession(tx, deps, link)
    const result = await moveLink(tx, deps, link, { type: 'open_session', sessionId: session.id })
    if ('refused' in result) throw new Error(`payment link ${id} refuses a session`)
    return { session, accessKey: newAccessKey(deps, session) }
  })
}

/**
 * Returns the newest session of a locked link. Undefined: it has none, or the session can no longer
 * be paid.
 */
async function payableSession(
  tx: Transaction,
  { clock }: Pick<OpenDeps, 'clock'>,
  { newestSessionId }: PaymentLink,
): Promise<PaymentSessionRecord | undefined> {
  const newest = newestSessionId && (await tx.paymentSessions.lock(newestSessionId))
  if (newest === undefined) return undefined
  return statusAt(newest, clock.nowMs()) === 'created' ? newest : undefined
}

/** The session ends with the link at the latest. */
function storeSession(
  tx: Transaction,
  deps: OpenDeps,
  link: PaymentLink,
): Promise<PaymentSessionRecord> {
  const remainingSeconds = Math.floor((link.expiresAtMs - deps.clock.nowMs()) / 1000)
  const { referenceId } = link
  const referenceNumber =
    referenceId && [...referenceId].slice(0, REFERENCE_NUMBER_LENGTH_MAX).join('')
  const configurationsJson = configurationsOf(link)
  const request: PaymentSessionRequest = {
    accountId: link.accountId,
    amount: link.amount,
    expiresInSeconds: Math.min(EXPIRES_IN_SECONDS.max, remainingSeconds),
    attemptCountMax: ATTEMPT_COUNT_MAX.default,
    paymentLinkId: link.id,
    echoedJson: JSON.stringify({
      description: link.description,
      reference_number: referenceNumber,
    }),
    ...(configurationsJson !== '{}' && { configurationsJson }),
    ...(referenceNumber !== undefined && { referenceNumber }),
  }
  const bucket = deps.store.publicIds.bucketOf(link.id)
  return storeWithFreeId(
    () => drawPaymentSession(deps, request, bucket).session,
    tx.paymentSessions.insertOne,
  )
}

function configurationsOf(link: PaymentLink): string {
  const configurations =
    link.configurationsJson === undefined ? {} : JSON.parse(link.configurationsJson)
  const { email, phone, phoneCountryCode: phone_country_code } = link
  const hasCustomer = email !== undefined || phone !== undefined
  return JSON.stringify({
    allowed_payment_methods: configurations.allowed_payment_methods,
    hosted_page_parameters: hasCustomer ? { phone_country_code, phone, email } : undefined,
  })
}

/** Each customer gets a different key. */
function newAccessKey(
  { keys, random }: Pick<OpenDeps, 'keys' | 'random'>,
  { expiresAtMs, id }: PaymentSessionRecord,
): AccessKey {
  return makeAccessKey(
    { paymentSessionId: id, expiresAtMs, place: 'page' },
    random.bytes(ACCESS_KEY_RANDOM_BYTES),
    keys.accessKey,
  )
}
