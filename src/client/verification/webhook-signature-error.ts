import { WEBHOOK_KEY_PREFIX } from '../../domain/webhook-key.ts'
import { correctedKeys, withoutQuotes } from './corrected-keys.ts'

/**
 * The number that distinguishes milliseconds from seconds: a time in milliseconds is larger since 1973, a time in
 * seconds is smaller until the year 5138.
 */
const MILLISECONDS_FROM = 100_000_000_000

/** The reasons why a webhook was refused. */
export const WEBHOOK_SIGNATURE_ERROR_CODES = [
  'header_missing',
  'header_malformed',
  'timestamp_too_old',
  'timestamp_in_future',
  'body_reserialized',
  'wrong_key',
  'body_not_json',
  'event_id_mismatch',
] as const
/** A reason why a webhook was refused. */
export type WebhookSignatureErrorCode = (typeof WEBHOOK_SIGNATURE_ERROR_CODES)[number]

/**
 * The error of a refused webhook: `code` for programs, `message` with the likely cause and the fix.
 */
export class WebhookSignatureError extends Error {
  override readonly name = 'WebhookSignatureError'
  readonly code: WebhookSignatureErrorCode

  constructor(code: WebhookSignatureErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** The advice for getting the unchanged body. */
export const RAW_BODY_HELP =
  'Verify the received bytes before anything parses them. With Express: ' +
  "app.post('/webhooks', express.raw({ type: 'application/json' }), (request, response) => " +
  '{ verifyWebhook(request.body, request.headers, signingKey) }), before any express.json().'

/** Makes the error for a request without the headers of either family. */
export function headerMissing(headers: unknown): WebhookSignatureError {
  const isRequest = typeof headers === 'object' && headers !== null && 'headers' in headers
  const cause = isRequest
    ? 'The headers argument looks like the whole request: pass request.headers.'
    : 'Either Paydesk did not send this request, or a proxy removes unknown headers, or the headers argument does not contain the headers of the request.'
  return new WebhookSignatureError(
    'header_missing',
    `The request has neither x-zoho-webhook-signature nor webhook-signature. ${cause}`,
  )
}

/** Makes the error for an unreadable header. `shape`: its right form. */
export function malformedHeader(header: string, shape: string): WebhookSignatureError {
  return new WebhookSignatureError(
    'header_malformed',
    `The header ${header} does not have the shape ${shape}. A proxy cut, joined or repeated it, or Paydesk did not send it.`,
  )
}

/** Makes the error for a `webhook-id` that is not the id of the signed event. */
export function eventIdMismatch(): WebhookSignatureError {
  return new WebhookSignatureError(
    'event_id_mismatch',
    'The signature is valid, but the header webhook-id differs from the event_id in the body. The header was changed in transit: take the event_id from the verified event.',
  )
}

/** The time in a signature's header. `value` is in the header's unit. */
export type SignedTime = {
  readonly header: string
  readonly unit: 'milliseconds' | 'seconds'
  readonly value: number
  readonly atMs: number
}

/** Makes the error for a signature that is too old, or whose time is in the future. */
export function timestampError(
  { header, unit, value, atMs }: SignedTime,
  nowMs: number,
  toleranceSeconds: number,
): WebhookSignatureError {
  const aheadSeconds = Math.round((atMs - nowMs) / 1000)
  const limit = `${toleranceSeconds} s are allowed.`
  const confusion =
    nowMs < MILLISECONDS_FROM
      ? ' The nowMs argument looks like seconds, but must be milliseconds.'
      : unit === 'milliseconds' && value < MILLISECONDS_FROM
        ? ` The t of ${header} looks like seconds, but must be milliseconds.`
        : unit === 'seconds' && value >= MILLISECONDS_FROM
          ? ` The ${header} looks like milliseconds, but must be seconds.`
          : undefined
  if (atMs > nowMs) {
    const cause = ' This machine’s clock is behind, or Paydesk’s is ahead: correct the wrong clock.'
    return new WebhookSignatureError(
      'timestamp_in_future',
      `The time of the signature is ${aheadSeconds} s ahead of this machine’s clock, and ${limit}${confusion ?? cause}`,
    )
  }
  const cause =
    ' Each attempt of a delivery has a new signature, so this is not a retry. Either the webhook waited before its verification: verify it on arrival. Or this machine’s clock is ahead: correct it. Or somebody replays an old request.'
  return new WebhookSignatureError(
    'timestamp_too_old',
    `The webhook was signed ${-aheadSeconds} s ago, and ${limit}${confusion ?? cause}`,
  )
}

/** The longest body whose earlier forms are guessed, in bytes: anybody can send a body, and the guesses take time. */
const DIAGNOSED_BYTES_MAX = 256 * 1024

const encoder = new TextEncoder()

/** Returns bodies that a program could have converted into this one. */
export function bodiesBefore(
  body: Uint8Array,
): readonly (readonly [cause: string, bytes: Uint8Array])[] {
  if (body.length > DIAGNOSED_BYTES_MAX) return []
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body)
  const misread = ['was read as Latin-1, not as UTF-8,', latin1Bytes(text)] as const
  try {
    const value: unknown = JSON.parse(text)
    const forms = jsonForms(JSON.stringify(value)).map(
      (form) => ['was parsed as JSON and written again', encoder.encode(form)] as const,
    )
    return typeof value === 'string'
      ? [['was written as JSON a second time', encoder.encode(value)], misread, ...forms]
      : [misread, ...forms]
  } catch {
    // The text is not JSON, or its lists are nested too deep.
    return [misread]
  }
}

function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/**
 * Writes JSON in the styles of JavaScript, of PHP and Java, and of Python. It omits indented styles, because they
 * could be much longer than the body.
 */
function jsonForms(compact: string): readonly string[] {
  return [
    compact,
    compact.replaceAll('/', '\\/'),
    compact.replaceAll(/[^\0-\x7f]/g, escapeUnit),
    compact.replaceAll(/("(?:[^"\\]|\\.)*")|[,:]/g, (mark, quotedText) => quotedText ?? `${mark} `),
  ]
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Returns possible correct forms of an incomplete or quoted key. */
export function* possibleKeys(key: string): Generator<readonly [cause: string, key: string]> {
  yield* correctedKeys(key)
  const content = withoutQuotes(key.trim())
  if (!content.startsWith(WEBHOOK_KEY_PREFIX))
    yield [`lacks its prefix ${WEBHOOK_KEY_PREFIX}`, `${WEBHOOK_KEY_PREFIX}${content}`]
}

/**
 * Returns true if a text looks like an account's signing key: 32 bytes in hexadecimal digits, or a sandbox's well-known
 * key.
 */
export function looksLikeAccountKey(key: string): boolean {
  return /^(?:[\da-f]{64}|sandbox_signing_key_\w+)$/.test(key.trim())
}
