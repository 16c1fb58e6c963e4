import { ACCESS_KEY_RANDOM_BYTES, makeAccessKey } from '../../domain/access-key.ts'
import type { Account } from '../../domain/account.ts'
import { acceptsHash } from '../../domain/account-keys.ts'
import type { Clock } from '../../domain/clock.ts'
import { type PaymentSessionId, parseId } from '../../domain/id.ts'
import { statusAt } from '../../domain/payment-session.ts'
import type { Random } from '../../domain/random.ts'
import { hasCheckoutPage } from '../../domain/records.ts'
import { hashSecret, type Keys } from '../../domain/secret.ts'
import type { Store } from '../../operations/store.ts'
import { allowedOrigins, encodeOrigins } from './frame-origins.ts'

type OpenSessionDeps = {
  /** The path below which clients reach this server: `/pay`, or empty. */
  readonly basePath: string
  readonly clock: Clock
  readonly random: Random
  readonly keys: Keys
  readonly store: Pick<Store, 'accounts' | 'paymentSessions'>
}

/**
 * The reasons why the widget cannot open a session, as the merchant's page receives them.
 *
 * Source: the real service's WooCommerce plugin and browser script (seen 2026-11-22).
 */
const FAILURES = {
  authorization_error: {
    status: 403,
    message: 'The API key does not belong to this account. Check otherOptions.api_key.',
  },
  invalid_payment_session: { status: 404, message: 'Payment session is invalid.' },
  session_expired: { status: 410, message: 'Payment session has expired.' },
} as const

type OpenFailure = keyof typeof FAILURES

/** Returns a failure in its wire form, with its HTTP status. */
export function renderOpenFailure(code: OpenFailure): {
  readonly status: number
  readonly body: { readonly code: string; readonly message: string }
} {
  const { message, status } = FAILURES[code]
  return { status, body: { code, message } }
}

/** The format of four random 32-bit numbers from the frame's page. */
const BROWSER_TEXT = /^\d{1,10}(?:-\d{1,10}){3}$/

/**
 * Opens a session of the account for the widget, and returns the path of its checkout page. Only origins that the
 * request names and the account allows may embed this page. The amount and the other payment data of the merchant's
 * page are ignored: those of the session apply.
 */
export async function openSessionInFrame(
  { basePath, clock, keys, random, store }: OpenSessionDeps,
  account: Account,
  request: {
    readonly apiKey: string
    readonly paymentSessionId: string
    /**
     * Random text that the frame's page stores in the browser. A request without it counts as one from another browser.
     */
    readonly browser: string
    /** The origins of the embedding pages, the nearest first. */
    readonly origins: readonly string[]
  },
): Promise<
  | { readonly path: string }
  /** `isUnknown`: the account has no session with this id, so it may be a guess. */
  | { readonly failure: OpenFailure; readonly isUnknown?: boolean }
> {
  const accountKeys = await store.accounts.findKeys(account.id)
  if (!acceptsHash(accountKeys?.api, hashSecret(request.apiKey), clock.nowMs())) {
    return { failure: 'authorization_error' }
  }
  const origins = allowedOrigins(account, request.origins)
  const id = parseId<PaymentSessionId>(request.paymentSessionId)
  const session = id && (await store.paymentSessions.find(id))
  if (session === undefined || session.accountId !== account.id) {
    return { failure: 'invalid_payment_session', isUnknown: true }
  }
  if (origins.length === 0 || !hasCheckoutPage(session)) {
    return { failure: 'invalid_payment_session' }
  }
  switch (statusAt(session, clock.nowMs())) {
    case 'created':
    case 'in_progress': {
      const opener = hashSecret(request.browser)
      const isFirst =
        BROWSER_TEXT.test(request.browser) &&
        (await store.paymentSessions.recordOpener(session.id, opener)) === opener
      const place = isFirst ? 'frame' : 'foreign_frame'
      const accessKey = makeAccessKey(
        { paymentSessionId: session.id, expiresAtMs: session.expiresAtMs, place },
        random.bytes(ACCESS_KEY_RANDOM_BYTES),
        keys.accessKey,
      )
      return { path: `${basePath}/charge/${account.id}/${accessKey}/${encodeOrigins(origins)}` }
    }
    case 'expired':
      return { failure: 'session_expired' }
    case 'succeeded':
    case 'failed':
    case 'canceled':
      return { failure: 'invalid_payment_session' }
  }
}
