import type { Currency } from '../../domain/money.ts'
import type { PaymentAttemptStatus } from '../../domain/payment-attempt.ts'
import type { RefundStatus } from '../../domain/refund.ts'
import type { WebhookEventType } from '../../domain/webhook-event.ts'
import {
  STANDARD_SIGNATURE_HEADER,
  WEBHOOK_ID_HEADER,
  WEBHOOK_TIMESTAMP_HEADER,
  ZOHO_SIGNATURE_HEADER,
} from '../../domain/webhook-headers.ts'
import { bytesOfBase64, isBlankKey, standardKeyBytes } from '../../domain/webhook-key.ts'
import { isSigned, type Verification } from './hmac-check.ts'
import { bytesOfHex } from './text-signature.ts'
import {
  bodiesBefore,
  eventIdMismatch,
  headerMissing,
  looksLikeAccountKey,
  malformedHeader,
  possibleKeys,
  RAW_BODY_HELP,
  type SignedTime,
  timestampError,
  WebhookSignatureError,
} from './webhook-signature-error.ts'

/** The default life of a signature, in seconds. */
const WEBHOOK_TOLERANCE_SECONDS_DEFAULT = 300

/**
 * The maximum number of signatures in a header; a key rotation needs fewer. A header with more is refused before any
 * signature is computed.
 */
const SIGNATURE_COUNT_MAX = 10

const encoder = new TextEncoder()

/** Any other text, because later versions and the real service may send more values. */
type OtherText = string & NonNullable<unknown>

/**
 * A webhook's body on the wire. `event_time` is in milliseconds. `event_object` contains the object of the event, under
 * `payment`, `refund` and so on.
 *
 * `event_id` is the same in every delivery of the event.
 */
export type ReceivedWebhookEvent = {
  readonly event_id: number
  readonly event_type: WebhookEventType | OtherText
  readonly account_id: number
  readonly live_mode: boolean
  readonly event_time: number
  readonly event_object: {
    readonly payment?: Readonly<Record<string, unknown>> & {
      readonly payment_id: string
      readonly payments_session_id?: string
      readonly amount: string
      readonly currency: Currency | OtherText
      readonly status: PaymentAttemptStatus | 'partially_refunded' | OtherText
    }
    readonly refund?: Readonly<Record<string, unknown>> & {
      readonly refund_id: string
      readonly payment_id: string
      readonly amount: string
      readonly status: RefundStatus | OtherText
    }
    readonly [key: string]: Readonly<Record<string, unknown>> | undefined
  }
}

/** A request's headers: as in Node, by names in any case, or an object with `get`, as in `fetch`. */
export type WebhookHeaders =
  | { readonly get: (name: string) => string | null | undefined }
  | { readonly [name: string]: string | readonly string[] | undefined }

/** The received body: its text, or its bytes. */
export type RawBody = string | Uint8Array | ArrayBuffer

/** The options of a verification. */
type WebhookVerification = {
  readonly nowMs: number
  /** The largest difference between a signature's time and now, in either direction. Unit: seconds; default: 300. */
  readonly toleranceSeconds?: number | undefined
}

/**
 * Reads the event of a webhook that one of the keys has signed within the tolerance. Throws `WebhookSignatureError` for
 * any other request, and a RangeError for a wrong `nowMs` or `toleranceSeconds`.
 *
 * One valid signature in one of the two header families is enough. The signature proves the sender of these bytes,
 * not that they are new: an event can arrive more than once, and anyone who has seen it can send it
 * again within the tolerance. So store the `event_id` of each handled event.
 */
export function* webhookEventOf(
  rawBody: RawBody,
  headers: WebhookHeaders,
  signingKey: string | readonly string[],
  { nowMs, toleranceSeconds = WEBHOOK_TOLERANCE_SECONDS_DEFAULT }: WebhookVerification,
): Verification<ReceivedWebhookEvent> {
  // With such values every webhook would be too old, which would hide the caller's mistake.
  if (!(toleranceSeconds >= 0) || !Number.isFinite(nowMs))
    throw new RangeError(
      'nowMs and toleranceSeconds must be numbers, and toleranceSeconds must not be negative',
    )
  const body = bytesOf(rawBody)
  const keys = keysOf(signingKey)
  const claims = readClaims(headers)

  // The time is checked after the signature, so that only genuine requests get an error about the time.
  const signedClaims: Claim[] = []
  for (const claim of claims) if (yield* isClaimSigned(claim, body, keys)) signedClaims.push(claim)
  const [first] = signedClaims
  if (first === undefined) throw yield* diagnose(claims, body, keys)
  const inTime = signedClaims.some(
    ({ atMs }) => Math.abs(nowMs - atMs) <= Math.ceil(toleranceSeconds * 1000),
  )
  if (!inTime) throw timestampError(first, nowMs, toleranceSeconds)
  const event = parseEvent(body)
  // Zoho's signature does not cover this header, but receivers recognize duplicates by it.
  const id = headerOf(headers, WEBHOOK_ID_HEADER)
  if (id !== undefined && id !== String(event.event_id)) throw eventIdMismatch()
  return event
}

/** The claim of one header family: the body was signed at a time. */
type Claim = SignedTime & {
  /** The part of the signed text before the body. */
  readonly prefix: string
  readonly signatures: readonly Uint8Array<ArrayBuffer>[]
  readonly keyOf: (key: string) => Uint8Array<ArrayBuffer>
}

function readClaims(headers: WebhookHeaders): readonly Claim[] {
  const claims: Claim[] = []
  const errors: WebhookSignatureError[] = []
  for (const readClaim of [readZohoClaim, readStandardClaim]) {
    try {
      const claim = readClaim(headers)
      if (claim !== undefined) claims.push(claim)
    } catch (error) {
      // If a proxy has damaged the headers of one family, the other one is enough.
      if (!(error instanceof WebhookSignatureError)) throw error
      errors.push(error)
    }
  }
  if (claims.length > 0) return claims
  throw errors[0] ?? headerMissing(headers)
}

function readZohoClaim(headers: WebhookHeaders): Claim | undefined {
  const text = headerOf(headers, ZOHO_SIGNATURE_HEADER)
  if (text === undefined) return undefined
  const parts = text.split(',').map((part) => part.trim())
  const valuesOf = (name: string) =>
    parts.filter((part) => part.startsWith(name)).map((part) => part.slice(name.length))
  const [t = '', ...moreTimes] = valuesOf('t=')
  const signatures = valuesOf('v=')
  const isWellFormed =
    /^\d{1,15}$/.test(t) &&
    moreTimes.length === 0 &&
    signatures.length > 0 &&
    signatures.length <= SIGNATURE_COUNT_MAX &&
    signatures.every((signature) => /^[\da-f]{64}$/i.test(signature))
  if (!isWellFormed)
    throw malformedHeader(ZOHO_SIGNATURE_HEADER, 't=<milliseconds>,v=<64 hexadecimal digits>')
  return {
    header: ZOHO_SIGNATURE_HEADER,
    unit: 'milliseconds',
    value: Number(t),
    atMs: Number(t),
    prefix: `${t}.`,
    signatures: signatures.map(bytesOfHex),
    keyOf: (key) => encoder.encode(key),
  }
}

function readStandardClaim(headers: WebhookHeaders): Claim | undefined {
  const text = headerOf(headers, STANDARD_SIGNATURE_HEADER)
  if (text === undefined) return undefined
  const id = headerOf(headers, WEBHOOK_ID_HEADER)
  const timestamp = headerOf(headers, WEBHOOK_TIMESTAMP_HEADER)
  for (const [name, value] of [
    [WEBHOOK_ID_HEADER, id],
    [WEBHOOK_TIMESTAMP_HEADER, timestamp],
  ]) {
    if (value === undefined)
      throw new WebhookSignatureError(
        'header_missing',
        `The request has ${STANDARD_SIGNATURE_HEADER} without ${name}. Let all three webhook- headers through.`,
      )
  }
  if (!/^\d{1,15}$/.test(timestamp ?? ''))
    throw malformedHeader(WEBHOOK_TIMESTAMP_HEADER, 'the seconds since 1970, in digits')
  // Other versions are for other kinds of keys.
  const signatures = text.split(/\s+/).filter((one) => one.startsWith('v1,'))
  const isWellFormed =
    signatures.length > 0 &&
    signatures.length <= SIGNATURE_COUNT_MAX &&
    signatures.every((signature) => /^v1,[A-Za-z\d+/]{43}=$/.test(signature))
  if (!isWellFormed)
    throw malformedHeader(STANDARD_SIGNATURE_HEADER, 'v1,<44 characters of base64>')
  const value = Number(timestamp)
  return {
    header: WEBHOOK_TIMESTAMP_HEADER,
    unit: 'seconds',
    value,
    atMs: value * 1000,
    prefix: `${id}.${timestamp}.`,
    signatures: signatures.map((signature) => bytesOfBase64(signature.slice(3))),
    keyOf: standardKeyBytes,
  }
}

function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined
  const text =
    typeof headers.get === 'function'
      ? headers.get(name)
      : Object.entries(headers)
          .filter(([one]) => one.toLowerCase() === name)
          .flatMap(([, value]) => value ?? [])
          .join(', ')
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined
}

function* isClaimSigned(
  { keyOf, prefix, signatures }: Claim,
  body: Uint8Array,
  keys: readonly string[],
): Verification<boolean> {
  const message = join(encoder.encode(prefix), body)
  let isMatch = false
  for (const key of keys) {
    // Continues after a match, so that the time does not reveal the matching key.
    isMatch = (yield* isSigned({ key: keyOf(key), message, signatures })) || isMatch
  }
  return isMatch
}

function join(prefix: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(prefix.length + body.length)
  message.set(prefix)
  message.set(body, prefix.length)
  return message
}

function bytesOf(rawBody: RawBody): Uint8Array {
  // The types do not protect JavaScript callers.
  if (typeof rawBody === 'string') return encoder.encode(rawBody)
  if (rawBody instanceof Uint8Array) return rawBody
  if (rawBody instanceof ArrayBuffer) return new Uint8Array(rawBody)
  throw new WebhookSignatureError(
    'body_reserialized',
    rawBody === undefined || rawBody === null
      ? `There is no body: it has not been read yet, or it is stored elsewhere. ${RAW_BODY_HELP}`
      : `The body is neither text nor bytes: it has already been parsed, for example by express.json(). ${RAW_BODY_HELP}`,
  )
}

function keysOf(signingKey: string | readonly string[]): readonly string[] {
  const keys: readonly unknown[] = Array.isArray(signingKey) ? signingKey : [signingKey]
  return (keys.length === 0 ? [undefined] : keys).map((key) => {
    if (typeof key === 'string' && !isBlankKey(key)) return key
    throw new WebhookSignatureError(
      'wrong_key',
      'The signing key is empty. Check that its environment variable is set in this process.',
    )
  })
}

/** Finds the likely cause of a wrong signature. The webhook is refused in any case. */
function* diagnose(
  claims: readonly Claim[],
  body: Uint8Array,
  keys: readonly string[],
): Verification<WebhookSignatureError> {
  function* isSignedWith(bytes: Uint8Array, signingKeys: readonly string[]): Verification<boolean> {
    for (const claim of claims) if (yield* isClaimSigned(claim, bytes, signingKeys)) return true
    return false
  }

  if (body.length === 0)
    return new WebhookSignatureError(
      'body_reserialized',
      `The body is empty: the request has already been read. ${RAW_BODY_HELP}`,
    )
  for (const [cause, bytes] of bodiesBefore(body)) {
    if (yield* isSignedWith(bytes, keys))
      return new WebhookSignatureError(
        'body_reserialized',
        `The signature and the key are valid, but the body ${cause} before it was verified. ${RAW_BODY_HELP}`,
      )
  }
  for (const key of keys) {
    for (const [cause, possibleKey] of possibleKeys(key)) {
      if (yield* isSignedWith(body, [possibleKey]))
        return new WebhookSignatureError('wrong_key', `The signing key ${cause}.`)
    }
  }
  const cause = keys.some(looksLikeAccountKey)
    ? "The key looks like the account's signing key, which signs redirects and the widget's answers. Webhooks are signed with the signing_key in the answer to the creation of their endpoint."
    : 'Either the key belongs to another endpoint or another account, or it has been rotated, or the body was changed in transit. Each endpoint has its own signing_key: it is in the answer to the creation.'
  return new WebhookSignatureError(
    'wrong_key',
    `No signature of the request was made with ${keys.length === 1 ? 'this key' : 'any of these keys'} over this body. ${cause}`,
  )
}

function parseEvent(body: Uint8Array): ReceivedWebhookEvent {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new WebhookSignatureError(
      'body_not_json',
      'The signature is valid, but the body is not JSON. Was something else signed with this key?',
    )
  }
  if (isEvent(value)) return value
  throw new WebhookSignatureError(
    'body_not_json',
    'The signature is valid, but the body is not an event: it needs an event_id that is a number, an event_type and an event_object.',
  )
}

/**
 * Returns true if a value is an event. If one key signs in both families, this also prevents forgeries: a sender
 * could move the start of a body into the headers of the other family, but the rest of the body is never an event.
 */
function isEvent(value: unknown): value is ReceivedWebhookEvent {
  if (typeof value !== 'object' || value === null) return false
  const event = value as Readonly<Record<string, unknown>>
  return (
    Number.isSafeInteger(event.event_id) &&
    typeof event.event_type === 'string' &&
    typeof event.event_object === 'object' &&
    event.event_object !== null
  )
}
