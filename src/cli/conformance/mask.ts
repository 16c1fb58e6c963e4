import { digitsOf, isCardNumber } from '../../domain/card.ts'

/** The values of this run that a report must not contain. */
export type RunSecrets = {
  readonly token: string
  readonly accountId: string
  /** The person’s own address for webhooks. Undefined: there is none. */
  readonly webhookUrl?: string | undefined
}

/** The fields whose texts are never shown. */
const SECRET_FIELDS = new RegExp(
  [
    'token|secret|signing_key|access_key|api_key|password|authorization|cookie|birth|holder|payer',
    'email|phone|dialing_code|upi_id|vpa|address|postal_code|beneficiary|ifsc|bank_reference',
    'account_number|account_no(?:$|_)|routing_number|customer_name|account_name|bank_name|created_by$',
    '(?:^|_)(?:ip|pan|name|city|state|last_modified|last_modified_by)$',
  ].join('|'),
  'i',
)
/** The exceptions among these names: fields whose texts are words of the API. */
const PLAIN_FIELDS = /_check$|status$|^state_code$|^notify_customer$/i
/** The fields whose texts are words of the API, also in objects that the run has not made. */
const WORD_FIELDS = new Set(
  `code message status type currency payment_type transaction_type frequency brand funding channel
   account_type reason failure_code failure_category next_action payments_session_type session_status
   customer_status amount_rule mode expiry_time created_time date`.split(/\s+/),
)
const DEPTH_MAX = 20
const TEXT_LENGTH_MAX = 500
const LIST_LENGTH_MAX = 3

/** Makes functions that mask values and texts. */
export function createMask({ accountId, token, webhookUrl }: RunSecrets) {
  const secrets = [token, encodeURIComponent(token), JSON.stringify(token).slice(1, -1)]

  function maskText(text: string): string {
    let clean = replaceAllCases(text, webhookUrl ?? '', '[webhook address]')
    for (const secret of secrets) clean = replaceAllCases(clean, secret, '[token]')
    clean = clean.replaceAll(new RegExp(`(?<!\\d)${accountId}(?!\\d)`, 'g'), '[account]')
    clean = clean
      .replaceAll(/\b1\d{3}\.[0-9a-f]{32}\.[0-9a-f]{32}\b/gi, '[token]')
      // The lengths are limited, so that the time grows with the length of the text only.
      .replaceAll(/[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})*/g, '[address]')
      .replaceAll(/\+\d[\d ().-]{6,24}\d/g, '[phone number]')
      .replaceAll(/(\/(?:paymentlink|hostedcheckout|hostedpages|charge)\/)[\w-]+/g, '$1[key]')
      .replaceAll(/\b(?:\d[ -]?){13,19}\b/g, (text) =>
        isCardNumber(digitsOf(text)) ? '[card]' : text,
      )
    return clean.length <= TEXT_LENGTH_MAX ? clean : `${clean.slice(0, TEXT_LENGTH_MAX)}…`
  }

  /**
   * Masks a JSON value. A field's name decides whether its value is secret. `isForeign`: the run did not create the
   * objects, so only the forms of their texts are shown, except words such as a status.
   */
  function maskValue(value: unknown, isForeign = false, name = '', depth = 0): unknown {
    if (typeof value === 'string') {
      if (value === '') return value
      if (isSecretField(name)) return `[${form(value)}]`
      if (isForeign && !isWordField(name)) return `[${form(value)}]`
      return maskText(value)
    }
    if (typeof value === 'number') {
      if (String(value) === accountId) return '[account]'
      return isSecretField(name) ? `[number of ${String(value).length} characters]` : value
    }
    if (typeof value !== 'object' || value === null) return value
    if (depth >= DEPTH_MAX) return '[deeper]'
    if (Array.isArray(value)) {
      const items = value.slice(0, LIST_LENGTH_MAX).map((one) => inner(one, name))
      const rest = value.length - items.length
      return rest > 0 ? items.concat(`[${rest} more]`) : items
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [maskText(key), inner(one, key)]),
    )

    function inner(one: unknown, key: string): unknown {
      return maskValue(one, isForeign, key, depth + 1)
    }
  }

  return { maskText, maskValue }
}

function isSecretField(name: string): boolean {
  return SECRET_FIELDS.test(name) && !PLAIN_FIELDS.test(name)
}

function isWordField(name: string): boolean {
  return WORD_FIELDS.has(name) || name.endsWith('_status')
}

/** Describes a text without its content: `text of 16 digits`. */
function form(value: string): string {
  const kind = /^\d+$/.test(value)
    ? 'digits'
    : /^-?\d+\.\d+$/.test(value)
      ? `characters, a number with ${value.split('.')[1]?.length} decimals`
      : 'characters'
  return `text of ${value.length} ${kind}`
}

function replaceAllCases(text: string, secret: string, replacement: string): string {
  if (secret === '') return text
  const literal = secret.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  return text.replaceAll(new RegExp(literal, 'gi'), replacement)
}
