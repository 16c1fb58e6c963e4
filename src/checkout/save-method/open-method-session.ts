import {
  ACCESS_KEY_RANDOM_BYTES,
  makeMethodSessionKey,
  readMethodSessionKey,
} from '../../domain/access-key.ts'
import type { Account } from '../../domain/account.ts'
import { acceptsHash } from '../../domain/account-keys.ts'
import { type PaymentMethodSessionId, parseId } from '../../domain/id.ts'
import {
  methodSessionStatusAt,
  type PaymentMethodSession,
} from '../../domain/payment-method-session.ts'
import type { SavedPaymentMethod } from '../../domain/saved-payment-method.ts'
import { hashSecret } from '../../domain/secret.ts'
import type { Tenant } from '../../operations/tenant.ts'
import { allowedOrigins, encodeOrigins } from '../widget/frame-origins.ts'
import { SAVE_METHODS, type SaveMethod } from './read-save-form.ts'

/** A payment method session that was opened by its access key. */
export type OpenedMethodSession = {
  readonly path: string
  readonly session: PaymentMethodSession
  /** The method that the processor is saving, or the saved one. */
  readonly method: SavedPaymentMethod | undefined
  readonly account: Account
  /** Set in the widget: the origins of the embedding pages, the nearest first. */
  readonly frameOrigins: readonly string[] | undefined
}

/** The time in which a key shows the result after the session's expiry: a day. */
const KEY_KEPT_MS = 24 * 60 * 60_000

/**
 * Finds the session of an access key. A key with a wrong signature is refused without a database read; a frame's key
 * works only in the frame. Undefined: the key is invalid or too old.
 */
export async function openMethodSession(
  { clock, keys, store }: Pick<Tenant, 'clock' | 'keys' | 'store'>,
  accessKey: string,
  path: string,
  frameOrigins: readonly string[] | undefined,
): Promise<OpenedMethodSession | undefined> {
  const content = readMethodSessionKey(accessKey, keys)
  if (content === undefined) return undefined
  if ((content.place === 'frame') !== (frameOrigins !== undefined)) return undefined
  const session = await store.paymentMethodSessions.find(content.methodSessionId)
  if (session === undefined || clock.nowMs() > session.expiresAtMs + KEY_KEPT_MS) return undefined
  const account = await store.accounts.find(session.accountId)
  if (account === undefined) return undefined
  const { methodId } = session
  const method = methodId && (await store.paymentMethods.find(methodId))
  return { path, session, method, account, frameOrigins }
}

/**
 * The reasons why the widget cannot open a session, as the merchant's page receives them.
 *
 * Source: the real service's browser script (seen 2026-11-28).
 */
const FAILURES = {
  authorization_error: {
    status: 403,
    message: 'The API key does not belong to this account. Check otherOptions.api_key.',
  },
  paymentmethods_validation: { status: 404, message: 'Payment method session is invalid.' },
  session_expired: { status: 410, message: 'Payment method session has expired.' },
  widget_validation_error: {
    status: 422,
    message: 'customer_id is not the customer of the payment method session.',
  },
} as const

type OpenFailure = {
  readonly status: number
  readonly body: { readonly code: string; readonly message: string }
  /** True: the account has no session with this id, so it may be a guess. */
  readonly isUnknown?: boolean
}

type FrameRequest = {
  readonly apiKey: string
  readonly methodSessionId: string
  /** Empty: the merchant's page names no customer. */
  readonly customerId: string
  /** The only method on the page. Empty: all. */
  readonly method: string
  /** The origins of the embedding pages, the nearest first. */
  readonly origins: readonly string[]
}

/**
 * Opens a session of the account for the widget, and returns the path of its page. Only origins that the request names
 * and the account allows may embed this page.
 */
export async function openMethodSessionInFrame(
  { basePath, clock, keys, random, store }: Tenant & { readonly basePath: string },
  account: Account,
  request: FrameRequest,
): Promise<{ readonly path: string } | OpenFailure> {
  const accountKeys = await store.accounts.findKeys(account.id)
  if (!acceptsHash(accountKeys?.api, hashSecret(request.apiKey), clock.nowMs())) {
    return failure('authorization_error')
  }
  const origins = allowedOrigins(account, request.origins)
  const id = parseId<PaymentMethodSessionId>(request.methodSessionId)
  const session = id && (await store.paymentMethodSessions.find(id))
  if (session?.accountId !== account.id) {
    return { ...failure('paymentmethods_validation'), isUnknown: true }
  }
  if (origins.length === 0) return failure('paymentmethods_validation')
  if (request.customerId !== '' && request.customerId !== session.customerId) {
    return failure('widget_validation_error')
  }
  const status = methodSessionStatusAt(session, clock.nowMs())
  if (status === 'expired') return failure('session_expired')
  if (status === 'failed') return failure('paymentmethods_validation')
  const accessKey = makeMethodSessionKey(
    { methodSessionId: session.id, expiresAtMs: session.expiresAtMs, place: 'frame' },
    random.bytes(ACCESS_KEY_RANDOM_BYTES),
    keys.accessKey,
  )
  const method = SAVE_METHODS.find((one) => one === request.method)
  const query = method === undefined ? '' : `?method=${method}`
  return {
    path: `${basePath}/charge/${account.id}/${accessKey}/${encodeOrigins(origins)}${query}`,
  }
}

/** Returns the methods that the page offers: only the requested one if it is enabled, otherwise all enabled ones. */
export function offeredMethods(
  { paymentMethods }: Pick<Account, 'paymentMethods'>,
  requestedMethod: string | undefined,
): readonly SaveMethod[] {
  const enabledMethods = SAVE_METHODS.filter((one) => paymentMethods.includes(one))
  const only = enabledMethods.filter((one) => one === requestedMethod)
  return only.length > 0 ? only : enabledMethods
}

function failure(code: keyof typeof FAILURES): OpenFailure {
  const { message, status } = FAILURES[code]
  return { status, body: { code, message } }
}
