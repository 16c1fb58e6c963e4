import { createHmac, timingSafeEqual } from 'node:crypto'
import type { WebhookEventType } from './webhook-event.ts'
import {
  bodiesBefore,
  headerMalformed,
  headerMissing,
  keysMeant,
  looksLikeAccountKey,
  RAW_BODY_HELP,
  type SignedTime,
  timestampError,
  WEBHOOK_KEY_PREFIX,
  WebhookSignatureError,
} from './webhook-signature-error.ts'

/** How many random bytes a webhook signing key is made of. */
export const WEBHOOK_KEY_BYTES = 32

/** For how long a signature is taken unless somebody asks for another time, in seconds. */
export const WEBHOOK_TOLERANCE_SECONDS_DEFAULT = 300

const ZOHO_HEADER = 'x-zoho-webhook-signature'
const ID_HEADER = 'webhook-id'
const TIMESTAMP_HEADER = 'webhook-timestamp'
const STANDARD_HEADER = 'webhook-signature'

/** More signatures than a change of keys makes. What has more is not read, so that it costs nothing. */
const SIGNATURE_COUNT_MAX = 10

/**
 * Makes a webhook endpoint's signing key of 32 random bytes. Shape: `whsec_<base64 of the bytes>`.
 *
 * One text serves both families of headers: Zoho's formula takes the whole text as key, Standard
 * Webhooks the bytes that stand in base64 after the prefix.
 */
export function makeWebhookKey(bytes: Uint8Array): string {
  if (bytes.length !== WEBHOOK_KEY_BYTES)
    throw new RangeError(`a webhook key has ${WEBHOOK_KEY_BYTES} bytes, not ${bytes.length}`)
  return `${WEBHOOK_KEY_PREFIX}${Buffer.from(bytes).toString('base64')}`
}

/** One POST of a delivery, as it is signed. */
export type SignedWebhook = {
  /** The body, word for word as it is sent. */
  readonly body: string
  readonly eventId: string
  readonly atMs: number
  /** The endpoint's keys, the older one first. */
  readonly keys: readonly string[]
}

/**
 * Gives the headers that sign a webhook, in both families, with one signature for each key. The older
 * key's stands first: a receiver that looks at the first alone goes on working until it has the new key.
 *
 * Zoho's: `t=<milliseconds>,v=<hex of HMAC-SHA256 over "t.body">`. Standard Webhooks': `v1,<base64 of
 * HMAC-SHA256 over "id.timestamp.body">`, with the timestamp in seconds.
 * Sources: Zoho Payments webhooks page (seen 2026-11-22), Standard Webhooks specification 1.0.
 */
export function signWebhook({ body, eventId, atMs, keys }: SignedWebhook): Record<string, string> {
  const seconds = Math.floor(atMs / 1000)
  const zoho = keys.map((key) => `v=${hmac(key, `${atMs}.`, body).toString('hex')}`)
  const standard = keys.map(
    (key) => `v1,${hmac(standardKey(key), `${eventId}.${seconds}.`, body).toString('base64')}`,
  )
  return {
    [ZOHO_HEADER]: [`t=${atMs}`, ...zoho].join(','),
    [ID_HEADER]: eventId,
    [TIMESTAMP_HEADER]: String(seconds),
    [STANDARD_HEADER]: standard.join(' '),
  }
}

/**
 * A webhook's body, as the wire has it. `event_time` is in milliseconds. `event_object` holds what the
 * event is about, under `payment`, `refund` and so on.
 *
 * `event_id` is the same each time that an event is sent.
 */
export type ReceivedWebhookEvent = {
  readonly event_id: number
  readonly event_type: WebhookEventType | (string & Record<never, never>)
  readonly account_id: number
  readonly live_mode: boolean
  readonly event_time: number
  readonly event_object: {
    readonly payment?: Readonly<Record<string, unknown>> & {
      readonly payment_id: string
      readonly payments_session_id?: string
      readonly amount: string
      readonly currency: string
      readonly status: string
    }
    readonly refund?: Readonly<Record<string, unknown>> & {
      readonly refund_id: string
      readonly payment_id: string
      readonly amount: string
      readonly status: string
    }
    readonly [key: string]: Readonly<Record<string, unknown>> | undefined
  }
}

/** A request's headers: as Node has them, by names in any case, or something with a `get`, as `fetch` has. */
export type WebhookHeaders =
  | { readonly get: (name: string) => string | null | undefined }
  | { readonly [name: string]: string | readonly string[] | undefined }

/** A body as it was received: its text, or its bytes. */
export type RawBody = string | Uint8Array | ArrayBuffer

/** What a verification goes by, beside the request and the key. */
export type WebhookVerification = {
  readonly nowMs: number
  /** How far a signature's time may be from now, either way. Unit: seconds; 300 unless given. */
  readonly toleranceSeconds?: number | undefined
}

/**
 * Gives the event of a webhook that was signed with one of the keys, and throws
 * `WebhookSignatureError` for anything else.
 *
 * Either family of headers will do, and any signature in it. This says who sent these bytes, not that
 * they are new: an event may come more than once, and within the tolerance anybody who saw it can send
 * it again, so whoever acts on an event keeps its `event_id`.
 */
export function verifyWebhook(
  rawBody: RawBody,
  headers: WebhookHeaders,
  signingKey: string | readonly string[],
  { nowMs, toleranceSeconds = WEBHOOK_TOLERANCE_SECONDS_DEFAULT }: WebhookVerification,
): ReceivedWebhookEvent {
  // With these every webhook would be too old, which says nothing about the mistake.
  if (!(toleranceSeconds >= 0) || !Number.isFinite(nowMs))
    throw new RangeError('nowMs and toleranceSeconds are numbers, and the latter is not below zero')
  const body = bytesOf(rawBody)
  const keys = keysOf(signingKey)
  const claims = readClaims(headers)

  // The time is looked at once it is known to be ours: its errors then say what is true.
  const signed = claims.filter((claim) => isSigned(claim, body, keys))
  const [first] = signed
  if (first === undefined) throw diagnose(claims, body, keys)
  const inTime = signed.some(
    ({ atMs }) => Math.abs(nowMs - atMs) <= Math.ceil(toleranceSeconds * 1000),
  )
  if (!inTime) throw timestampError(first, nowMs, toleranceSeconds)
  return parseEvent(body)
}

/** What one family of headers says: that the body was signed at a time. */
type Claim = SignedTime & {
  /** What stands before the body in the text that was signed. */
  readonly prefix: string
  readonly signatures: readonly Buffer[]
  readonly keyOf: (key: string) => string | Uint8Array
}

function readClaims(headers: WebhookHeaders): readonly Claim[] {
  const claims: Claim[] = []
  const errors: WebhookSignatureError[] = []
  for (const read of [readZohoClaim, readStandardClaim]) {
    try {
      const claim = read(headers)
      if (claim !== undefined) claims.push(claim)
    } catch (error) {
      // What a proxy has spoilt of one family does not matter when the other is whole.
      if (!(error instanceof WebhookSignatureError)) throw error
      errors.push(error)
    }
  }
  if (claims.length > 0) return claims
  throw errors[0] ?? headerMissing(headers)
}

function readZohoClaim(headers: WebhookHeaders): Claim | undefined {
  const text = headerOf(headers, ZOHO_HEADER)
  if (text === undefined) return undefined
  const parts = text.split(',').map((part) => part.trim())
  const valuesOf = (name: string) =>
    parts.filter((part) => part.startsWith(name)).map((part) => part.slice(name.length))
  const [t = '', ...moreTimes] = valuesOf('t=')
  const signatures = valuesOf('v=')
  const isRead =
    /^\d{1,15}$/.test(t) &&
    moreTimes.length === 0 &&
    signatures.length > 0 &&
    signatures.length <= SIGNATURE_COUNT_MAX &&
    signatures.every((signature) => /^[\da-f]{64}$/i.test(signature))
  if (!isRead) throw headerMalformed(ZOHO_HEADER, 't=<milliseconds>,v=<64 hexadecimal digits>')
  return {
    ...{ header: ZOHO_HEADER, unit: 'milliseconds', at: Number(t), atMs: Number(t) },
    prefix: `${t}.`,
    signatures: signatures.map((signature) => Buffer.from(signature, 'hex')),
    keyOf: (key) => key,
  }
}

function readStandardClaim(headers: WebhookHeaders): Claim | undefined {
  const text = headerOf(headers, STANDARD_HEADER)
  if (text === undefined) return undefined
  const id = headerOf(headers, ID_HEADER)
  const timestamp = headerOf(headers, TIMESTAMP_HEADER)
  for (const [name, value] of [
    [ID_HEADER, id],
    [TIMESTAMP_HEADER, timestamp],
  ]) {
    if (value === undefined)
      throw new WebhookSignatureError(
        'header_missing',
        `The request has ${STANDARD_HEADER} without ${name}. Let all three webhook- headers through.`,
      )
  }
  if (!/^\d{1,15}$/.test(timestamp ?? ''))
    throw headerMalformed(TIMESTAMP_HEADER, 'the seconds since 1970, in digits')
  // Other versions are for keys of another kind.
  const signatures = text.split(/\s+/).filter((one) => one.startsWith('v1,'))
  const isRead =
    signatures.length > 0 &&
    signatures.length <= SIGNATURE_COUNT_MAX &&
    signatures.every((signature) => /^v1,[A-Za-z\d+/]{43}=$/.test(signature))
  if (!isRead) throw headerMalformed(STANDARD_HEADER, 'v1,<44 characters of base64>')
  const at = Number(timestamp)
  return {
    ...{ header: TIMESTAMP_HEADER, unit: 'seconds', at, atMs: at * 1000 },
    prefix: `${id}.${timestamp}.`,
    signatures: signatures.map((signature) => Buffer.from(signature.slice(3), 'base64')),
    keyOf: standardKey,
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

function isSigned({ prefix, signatures, keyOf }: Claim, body: Uint8Array, keys: readonly string[]) {
  let found = false
  for (const key of keys) {
    const expected = hmac(keyOf(key), prefix, body)
    // Goes on after a match, so that the time says nothing about which one it was.
    for (const signature of signatures) found = timingSafeEqual(expected, signature) || found
  }
  return found
}

function hmac(key: string | Uint8Array, prefix: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(prefix, 'utf8').update(body).digest()
}

/** A text of any other shape is a key by itself: half-read base64 would be a weaker one. */
function standardKey(key: string): string | Uint8Array {
  return /^whsec_[A-Za-z\d+/]+={0,2}$/.test(key)
    ? Buffer.from(key.slice(WEBHOOK_KEY_PREFIX.length), 'base64')
    : key
}

function bytesOf(rawBody: RawBody): Uint8Array {
  // Types are not there for everybody who calls this.
  if (typeof rawBody === 'string') return Buffer.from(rawBody, 'utf8')
  if (rawBody instanceof Uint8Array) return rawBody
  if (rawBody instanceof ArrayBuffer) return new Uint8Array(rawBody)
  throw new WebhookSignatureError(
    'body_reserialized',
    rawBody === undefined || rawBody === null
      ? `There is no body: nothing has read it yet, or it was kept elsewhere. ${RAW_BODY_HELP}`
      : `The body is not a text or bytes but a value that something has parsed already, express.json() for example. ${RAW_BODY_HELP}`,
  )
}

function keysOf(signingKey: string | readonly string[]): readonly string[] {
  const keys: readonly unknown[] = Array.isArray(signingKey) ? signingKey : [signingKey]
  return (keys.length === 0 ? [undefined] : keys).map((key) => {
    // The prefix alone would be a key that everybody knows.
    if (typeof key === 'string' && key.trim().replace(WEBHOOK_KEY_PREFIX, '') !== '') return key
    throw new WebhookSignatureError(
      'wrong_key',
      'The signing key is empty. Is the environment variable set that holds it, in this process?',
    )
  })
}

/** Finds out what was done to the body or the key. The webhook is refused whatever this finds. */
function diagnose(claims: readonly Claim[], body: Uint8Array, keys: readonly string[]) {
  const isSignedWith = (bytes: Uint8Array, key: readonly string[]) =>
    claims.some((claim) => isSigned(claim, bytes, key))

  if (body.length === 0)
    return new WebhookSignatureError(
      'body_reserialized',
      `The body is empty: something has read the request before. ${RAW_BODY_HELP}`,
    )
  for (const [cause, bytes] of bodiesBefore(body)) {
    if (isSignedWith(bytes, keys))
      return new WebhookSignatureError(
        'body_reserialized',
        `The signature and the key are right, but the body ${cause} before it was verified. ${RAW_BODY_HELP}`,
      )
  }
  for (const key of keys) {
    for (const [cause, meant] of keysMeant(key)) {
      if (isSignedWith(body, [meant]))
        return new WebhookSignatureError('wrong_key', `The signing key ${cause}.`)
    }
  }
  const cause = keys.some(looksLikeAccountKey)
    ? "The key looks like the account's signing key, which signs redirects and the widget's answers. A webhook is signed with the signing_key that the creation of its endpoint answered with."
    : 'Either the key belongs to another endpoint or another account, or it was changed since, or the body was changed on its way. Each endpoint has a signing_key of its own, which its creation answered with.'
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
      'The signature is right, but the body is not JSON. Was something else signed with this key?',
    )
  }
  if (isEvent(value)) return value
  throw new WebhookSignatureError(
    'body_not_json',
    'The signature is right, but the body is no event: it needs an event_id that is a number, an event_type and an event_object.',
  )
}

/**
 * Beside its use to the caller this tells the two families apart where one key serves both as it
 * stands: what one signs, with a part of its body moved before it, is never an event in the other.
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
