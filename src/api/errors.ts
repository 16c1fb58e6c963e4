import type { PaymentLinkRefusal } from '../domain/payment-link.ts'
import type { PaymentSessionRefusal } from '../domain/payment-session.ts'
import type { RefundRefusal } from '../domain/refund.ts'
import type { VirtualAccountRefusal } from '../domain/virtual-account.ts'
import type { RefusedReversal } from '../operations/reverse-transfer.ts'
import { LockedRowError, OUTAGE_RETRY_SECONDS, StoreUnavailable } from '../operations/store.ts'

/** The codes of failed requests, and of faults of Paydesk. */
export type ErrorCode =
  | PaymentSessionRefusal
  | PaymentLinkRefusal
  /** An earlier request used the key with another body. */
  | 'idempotency_key_reused'
  /** The first request with the key has not ended. */
  | 'idempotency_key_in_use'
  | RefundRefusal
  | 'account_closed'
  | RefusedReversal['refused']
  | VirtualAccountRefusal
  | 'body_too_large'
  | 'currency_not_supported_for_payment'
  | 'database_unavailable'
  | 'customer_cannot_be_deleted'
  | 'edition_lacks_operation'
  | 'encoding_not_supported'
  | 'overloaded'
  | 'host_refused'
  | 'internal_error'
  | 'customer_max_payment_methods'
  | 'insufficient_customer_details'
  | 'invalid_currency'
  | 'invalid_mandate'
  | 'invalid_parameter'
  | 'invalid_payment_method_session'
  | 'invalid_payment_method_usage'
  | 'malformed_content_type'
  | 'malformed_http'
  | 'method_not_allowed'
  | 'missing_parameter'
  | 'not_authorized'
  | 'not_permitted'
  | 'not_signed_in'
  | 'origin_refused'
  | 'path_unknown'
  | 'processor_unavailable'
  | 'payment_already_refunded'
  | 'payment_method_not_associated_to_customer'
  | 'payment_method_type_not_supported'
  | 'payment_method_unactivated'
  | 'rate_limited'
  | 'refund_above_limit'
  | 'approval_waits'
  | 'approval_ended'
  | 'row_held'
  | 'session_of_other_type'
  | 'resource_does_not_exist'
  | 'sandbox_closed'
  | 'sandbox_memory_full'
  | 'sandbox_unchanged'

type WireError = {
  readonly status: number
  readonly code: string
  /** The message, unless the error has a more exact one. */
  readonly message: string
}

/**
 * Every error of the API. docs/reference/errors.md is printed from it.
 *
 * Codes and statuses: Zoho Payments API reference, errors pages IN and US (seen 2026-11-22). These codes are Paydesk
 * extensions: `missing_parameter`, `invalid_parameter`, `account_closed`, `idempotency_conflict`, `invalid_payment_link`,
 * `invalid_mandate`, `invalid_virtual_account`, `invalid_payment_method_session` and `customer_cannot_be_deleted`.
 */
export const WIRE_ERRORS: Record<ErrorCode, WireError> = {
  missing_parameter: {
    status: 400,
    code: 'missing_parameter',
    message: 'A required parameter is missing.',
  },
  invalid_parameter: { status: 400, code: 'invalid_parameter', message: 'A parameter is invalid.' },
  account_closed: {
    status: 403,
    code: 'account_closed',
    message:
      'This account is closed and accepts no new payment sessions. Open sessions can still be paid, and payments refunded.',
  },
  body_too_large: {
    status: 413,
    code: 'invalid_parameter',
    message: 'The request body is larger than 64 KiB.',
  },
  encoding_not_supported: {
    status: 415,
    code: 'invalid_parameter',
    message: 'The Content-Encoding of the request is not supported.',
  },
  malformed_content_type: {
    status: 400,
    code: 'invalid_parameter',
    message: 'The Content-Type header is not a media type. Send application/json.',
  },
  malformed_http: {
    status: 400,
    code: 'invalid_parameter',
    message: 'The request is not well-formed HTTP.',
  },
  invalid_currency: {
    status: 400,
    code: 'invalid_currency',
    message: 'currency must be an ISO 4217 code in capital letters, such as INR.',
  },
  currency_not_supported_for_payment: {
    status: 400,
    code: 'currency_not_supported_for_payment',
    message: 'This account cannot be paid in this currency.',
  },
  payment_method_type_not_supported: {
    status: 400,
    code: 'payment_method_type_not_supported',
    message: 'This account cannot be paid by this method.',
  },
  attempt_in_progress: {
    status: 400,
    code: 'invalid_payment_session',
    message: 'Payment session is invalid: a payment is already in progress.',
  },
  no_such_attempt: {
    status: 400,
    code: 'invalid_payment_session',
    message: 'Payment session is invalid: this payment is not the one in progress.',
  },
  session_canceled: {
    status: 400,
    code: 'invalid_payment_session',
    message: 'Payment session is invalid: it has been canceled.',
  },
  session_of_other_type: {
    status: 400,
    code: 'invalid_payment_session',
    message: 'Payment session is invalid: it is not for this kind of payment.',
  },
  session_expired: {
    status: 400,
    code: 'invalid_payment_session',
    message: 'Payment session is invalid: it has expired.',
  },
  session_failed: {
    status: 400,
    code: 'invalid_payment_session',
    message: 'Payment session is invalid: all its payment attempts have failed.',
  },
  session_succeeded: {
    status: 400,
    code: 'invalid_payment_session',
    message: 'Payment session is invalid: it has been paid.',
  },
  link_paid: {
    status: 400,
    code: 'invalid_payment_link',
    message: 'Payment link is invalid: it has been paid.',
  },
  link_canceled: {
    status: 400,
    code: 'invalid_payment_link',
    message: 'Payment link is invalid: it has been canceled.',
  },
  link_expired: {
    status: 400,
    code: 'invalid_payment_link',
    message: 'Payment link is invalid: it has expired.',
  },
  link_in_progress: {
    status: 400,
    code: 'invalid_payment_link',
    message: 'Payment link is invalid: one of its payments is in progress.',
  },
  payment_not_captured: {
    status: 400,
    code: 'refund_cannot_be_initiated',
    message: 'Refund cannot be initiated: this payment has not succeeded.',
  },
  payment_already_refunded: {
    status: 400,
    code: 'refund_cannot_be_initiated',
    message:
      'Refund cannot be initiated: all of this payment has been refunded, or is being refunded.',
  },
  payment_disputed: {
    status: 400,
    code: 'refund_cannot_be_initiated',
    message: 'Refund cannot be initiated: this payment is disputed.',
  },
  exceeds_payment_amount: {
    status: 400,
    code: 'refund_cannot_be_initiated',
    message: 'amount must be at most the remaining amount of this payment.',
  },
  exceeds_transfer_amount: {
    status: 400,
    code: 'invalid_parameter',
    message: 'reversal_amount must be at most the remaining amount of this transfer.',
  },
  resource_does_not_exist: {
    status: 404,
    code: 'resource_does_not_exist',
    message: 'There is no such object on this account.',
  },
  not_authorized: { status: 401, code: 'error', message: 'You are not authorized.' },
  not_signed_in: {
    status: 401,
    code: 'error',
    message: 'You are not signed in to the console, or your session has ended.',
  },
  not_permitted: {
    status: 403,
    code: 'error',
    message: 'Your role in the console does not permit this.',
  },
  refund_above_limit: {
    status: 403,
    code: 'error',
    message: 'The refund is larger than your limit. It needs the approval of a second person.',
  },
  approval_waits: {
    status: 409,
    code: 'error',
    message: 'A request for a refund of this payment already waits for a second person.',
  },
  approval_ended: {
    status: 409,
    code: 'error',
    message: 'This request for a refund has already been decided, or it has expired.',
  },
  origin_refused: {
    status: 403,
    code: 'error',
    message: 'This sandbox does not accept requests from this page. See --allow-origin.',
  },
  host_refused: {
    status: 421,
    code: 'error',
    message: 'This sandbox does not answer under this host name. See --allow-host.',
  },
  virtual_account_closed: {
    status: 400,
    code: 'invalid_virtual_account',
    message: 'Virtual account is invalid: it is closed.',
  },
  customer_cannot_be_deleted: {
    status: 400,
    code: 'customer_cannot_be_deleted',
    message:
      'The customer cannot be deleted: the customer has an active virtual account, a mandate that has not ended, or a saved payment method.',
  },
  invalid_mandate: {
    status: 400,
    code: 'invalid_mandate',
    message: 'Mandate is invalid: it is not active.',
  },
  invalid_payment_method_session: {
    status: 400,
    code: 'invalid_payment_method_session',
    message: 'Payment method session is invalid: it has ended or expired.',
  },
  customer_max_payment_methods: {
    status: 400,
    code: 'customer_max_payment_methods',
    message: 'The customer has the maximum number of saved payment methods: 100.',
  },
  payment_method_not_associated_to_customer: {
    status: 400,
    code: 'payment_method_not_associated_to_customer',
    message: 'The payment method belongs to another customer.',
  },
  payment_method_unactivated: {
    status: 400,
    code: 'payment_method_unactivated',
    message: 'The payment method is not active.',
  },
  invalid_payment_method_usage: {
    status: 400,
    code: 'invalid_payment_method_usage',
    message: 'The payment method cannot be used for this payment.',
  },
  insufficient_customer_details: {
    status: 400,
    code: 'insufficient_customer_details',
    message: 'The processor needs more details about the customer.',
  },
  edition_lacks_operation: {
    status: 404,
    code: 'error',
    message: 'This operation does not exist for accounts of this edition.',
  },
  path_unknown: { status: 404, code: 'error', message: 'This path does not exist.' },
  method_not_allowed: {
    status: 405,
    code: 'error',
    message: 'This path does not support this method.',
  },
  rate_limited: {
    status: 429,
    code: 'error',
    message:
      "You've exceeded the maximum number of API requests per minute. Please try again later.",
  },
  row_held: {
    status: 500,
    code: 'error',
    message: 'Another request has locked the same object for too long. Please try again.',
  },
  database_unavailable: {
    status: 503,
    code: 'error',
    message:
      'The database is unavailable. The request may or may not have been carried out. Please try again; with the same Idempotency-Key nothing is done twice.',
  },
  processor_unavailable: {
    status: 503,
    code: 'error',
    message:
      'The processor did not answer, and Paydesk has not created or changed anything. Please try again.',
  },
  overloaded: {
    status: 503,
    code: 'error',
    message:
      'The server is overloaded and has not started this request. Please try again after the time in the Retry-After header.',
  },
  internal_error: {
    status: 500,
    code: 'error',
    message:
      'An internal error occurred. Please try again. The X-Request-Id header identifies the request.',
  },
  sandbox_closed: {
    status: 503,
    code: 'error',
    message: 'This sandbox is being copied, reset, restored or deleted. Please try again.',
  },
  sandbox_memory_full: {
    status: 409,
    code: 'error',
    message: 'The memory budget of tenants and snapshots is used up. Delete some.',
  },
  sandbox_unchanged: {
    status: 503,
    code: 'error',
    message: 'This cannot be done now. The sandbox is unchanged. Please try again.',
  },
  idempotency_key_reused: {
    status: 409,
    code: 'idempotency_conflict',
    message: 'This Idempotency-Key was used with another body. Send the same body, or another key.',
  },
  idempotency_key_in_use: {
    status: 409,
    code: 'idempotency_conflict',
    message: 'The first request with this Idempotency-Key is still in progress. Try again.',
  },
}

/** A refused request. Its text is public: it contains no secret and no card number. */
export class ApiError extends Error {
  readonly code: ErrorCode
  /** The path of the wrong input, such as `meta_data[0].key`. */
  readonly field: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: ErrorCode,
    field?: string,
    message: string = WIRE_ERRORS[code].message,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.code = code
    this.field = field
    this.headers = headers
  }

  /** The HTTP status. It decides which notice a page shows. */
  get statusCode(): number {
    return WIRE_ERRORS[this.code].status
  }
}

/** Makes the error of an object that does not exist. An object of another account gets exactly the same answer. */
export function notFound(what: string, field: string): ApiError {
  return new ApiError(
    'resource_does_not_exist',
    field,
    `There is no ${what} with this ${field} on this account.`,
  )
}

/** The answer to a failed request. */
export type ErrorAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const HEADERS: Partial<Record<ErrorCode, Readonly<Record<string, string>>>> = {
  idempotency_key_in_use: { 'retry-after': '1' },
  row_held: { 'retry-after': '1' },
  database_unavailable: { 'retry-after': String(OUTAGE_RETRY_SECONDS) },
  processor_unavailable: { 'retry-after': '5' },
  sandbox_closed: { 'retry-after': '1' },
  sandbox_unchanged: { 'retry-after': '5' },
  not_authorized: { 'www-authenticate': 'Zoho-oauthtoken' },
}

/** Renders the answer to an error. The text of an error that is not an ApiError stays private. */
export function renderError(error: unknown): ErrorAnswer {
  const apiError = error instanceof ApiError ? error : new ApiError(codeFrom(error))
  const { status, code } = WIRE_ERRORS[apiError.code]
  return {
    status,
    headers: { ...HEADERS[apiError.code], ...apiError.headers },
    body: JSON.stringify({
      code,
      message: apiError.message,
      ...(apiError.field !== undefined && { field: apiError.field }),
    }),
  }
}

/** The framework refuses some requests before any route. */
function codeFrom(error: unknown): ErrorCode {
  if (error instanceof LockedRowError) return 'row_held'
  if (error instanceof StoreUnavailable) return 'database_unavailable'
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown }
  const errorCode = FRAMEWORK_ERRORS.get(code) ?? FRAMEWORK_ERRORS.get(statusCode)
  if (errorCode !== undefined) return errorCode
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
    ? 'malformed_http'
    : 'internal_error'
}

/** The API's codes for errors of the framework, by the framework's code or by the status. */
const FRAMEWORK_ERRORS: ReadonlyMap<unknown, ErrorCode> = new Map<unknown, ErrorCode>([
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'malformed_content_type'],
  // A part of the path is longer than any of our ids.
  ['FST_ERR_MAX_PARAM_LENGTH', 'path_unknown'],
  [404, 'path_unknown'],
  [413, 'body_too_large'],
  [429, 'rate_limited'],
])
