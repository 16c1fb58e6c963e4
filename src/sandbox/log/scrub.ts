import { Buffer } from 'node:buffer'
import { containsCardNumber } from '../../domain/card.ts'
import { looksLikeCardNumber } from '../../domain/card-number.ts'
import { VIRTUAL_ACCOUNT_NUMBERS } from '../../domain/virtual-account.ts'

const MASK = '***'
/** The text in place of the number of a virtual account. It shows that the number is not a card number. */
const VIRTUAL_ACCOUNT_MASK = 'PAYD…'

/**
 * The fields whose values are never stored, even with a prefix (`upi_pin`) and with a number
 * (`cvv2`). Any characters except letters may be between two words.
 */
const SECRET_NAMES = [
  'card number',
  'card expiry',
  'cvv',
  'cvc',
  'security code',
  'otp',
  'pin',
  'password',
  'secret',
  'token',
  'code verifier',
  'api key',
  'signing key',
  'owner key',
]
/** The secret fields whose names are harmless after a prefix, as in `virtual_account_number`. */
const EXACT_SECRET_NAMES = ['pan', 'ach account', 'account number', 'bank account number']
/** The name of an authorization code in a form. In JSON, `code` is a harmless field of the envelope. */
const AUTHORIZATION_CODE = 'code'

const SECRET_NAME = new RegExp(
  `(?:^|[^a-z])${oneOf(SECRET_NAMES)}[^a-z]*$|^[^a-z]*${oneOf(EXACT_SECRET_NAMES)}[^a-z]*$`,
  'i',
)
/** A quick search for these names. It also finds some harmless texts. */
const MAY_BE_SECRET = new RegExp(`${oneOf([...SECRET_NAMES, ...EXACT_SECRET_NAMES])}(?![a-z])`, 'i')
const MAY_BE_SECRET_IN_QUERY = new RegExp(`${MAY_BE_SECRET.source}|[%+]|\\bcode=`, 'i')
/** The deepest nesting of a logged body. Deeper than any body that the API accepts. */
const DEPTH_MAX = 100
/** An escape with a letter in JSON: `4111\\n1111` has no letter between its digits after it is parsed. */
const LETTER_ESCAPE = /\\[bfnrtu]/
const HIDDEN_BODY = '[hidden: it cannot be read, and may contain a secret]'

/** The largest logged part of a body: 16 KiB. */
export const BODY_BYTES_MAX = 16 * 1024

function oneOf(names: readonly string[]): string {
  return `(?:${names.map((name) => name.replaceAll(' ', '[^a-z]*')).join('|')})`
}

/** Removes card numbers, the numbers of virtual accounts and other secrets from a body, and cuts a long body. */
export function scrubBody(body: string | Uint8Array, contentType = ''): string {
  const text = typeof body === 'string' ? body : textOf(body)
  if (text === '') return ''
  if (/^text\/(?:html|css|javascript)|^image\//i.test(contentType)) {
    return `[${contentType.split(';')[0]}, ${Buffer.byteLength(text)} bytes]`
  }
  return cut(withoutAccountNumbers(scrubText(text)))
}

function withoutAccountNumbers(text: string): string {
  return text.includes('PAYD')
    ? text.replaceAll(VIRTUAL_ACCOUNT_NUMBERS, VIRTUAL_ACCOUNT_MASK)
    : text
}

/** Decodes the bytes without a copy. */
function textOf({ buffer, byteLength, byteOffset }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8')
}

function scrubText(text: string): string {
  // In UTF-16, which no route accepts, zero bytes separate the characters, so the searches would find nothing.
  if (text.includes('\0')) return HIDDEN_BODY
  if (/^\s*[[{"]/.test(text)) {
    // The quick search proves that most bodies have no secrets.
    const isPlain =
      !MAY_BE_SECRET.test(text) &&
      !(text.includes('\\') && LETTER_ESCAPE.test(text)) &&
      !(canHide(text) && containsCardNumber(text))
    if (isPlain) return text
    const json = parsedJson(text)
    if (json === undefined) return HIDDEN_BODY
    const withoutSecrets = scrubValue(json.value, DEPTH_MAX)
    return withoutSecrets === json.value ? text : JSON.stringify(withoutSecrets)
  }
  if (/^[\w.%~*+-]+=/.test(text)) return scrubQuery(text)
  return MAY_BE_SECRET.test(text) || containsCardNumber(text) ? HIDDEN_BODY : text
}

function scrubQuery(query: string): string {
  if (!MAY_BE_SECRET_IN_QUERY.test(query) && !canHide(query)) return query
  let hasSecret = false
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => {
    const isNamed = isSecretField(name) || name === AUTHORIZATION_CODE
    const isSecret = isNamed ? value !== '' : hides(value)
    hasSecret ||= isSecret || hides(name)
    return `${hides(name) ? MASK : encodeURIComponent(name)}=${isSecret ? MASK : encodeURIComponent(value)}`
  })
  return hasSecret ? pairs.join('&') : query
}

/** The longest name that is repeated, in characters. */
const NAME_LENGTH_MAX = 100

/** Returns the name of a field, or a path, for a header or a log line: ASCII of bounded length, and no card number. */
export function scrubName(name: string): string {
  if (hides(decodeText(name))) return MASK
  const shortName = name.length <= NAME_LENGTH_MAX ? name : `${name.slice(0, NAME_LENGTH_MAX)}...`
  return shortName.replaceAll(/[^!-~]/g, '?')
}

/** Removes card numbers and the numbers of virtual accounts from a path, and secrets from its query. */
export function scrubPath(wholeUrl: string): string {
  const url = withoutAccountNumbers(wholeUrl)
  const queryStart = url.indexOf('?')
  const path = queryStart < 0 ? url : url.slice(0, queryStart)
  const cleanPath = hides(decodeText(path)) ? withoutNumbers(path) : path
  return queryStart < 0 ? cleanPath : `${cleanPath}?${scrubQuery(url.slice(queryStart + 1))}`
}

/**
 * Removes secret headers, and card numbers from the others. A token stays only if it is the sandbox's own: another one
 * may be a token of the real service, sent here by mistake.
 */
export function scrubHeaders(
  headers: Readonly<Record<string, string | number | readonly string[] | undefined>>,
  isOwnToken: boolean,
): Readonly<Record<string, string>> {
  const cleanHeaders: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined) continue
    const text = typeof value === 'object' ? value.join(', ') : String(value)
    cleanHeaders[name] = scrubHeader(name, text, isOwnToken)
  }
  return cleanHeaders
}

function scrubHeader(name: string, text: string, isOwnToken: boolean): string {
  // The addresses of pages can contain codes.
  if (name === 'referer' || name === 'location') return scrubPath(text)
  // Our tokens are random and can contain digits that only look like a card number.
  if (name === 'authorization') return isOwnToken ? text : text.replace(AFTER_SCHEME, MASK)
  return SECRET_HEADER.test(name) || hides(text) ? MASK : text
}

/** The credentials of an Authorization header, or its whole value if it has no known scheme. */
const AFTER_SCHEME =
  /(?<=^(?:Zoho-oauthtoken|Bearer|Basic|Token) +)\S.*$|^(?!(?:Zoho-oauthtoken|Bearer|Basic|Token) ).*$/is
const SECRET_HEADER = /authorization|cookie|api-?key|password|secret|token/

/** Returns the value itself if it has no secret. Values that are nested too deep are removed. */
function scrubValue(value: unknown, depthMax: number, isSecret = false): unknown {
  if (typeof value === 'string' || typeof value === 'number') {
    const isEmpty = value === ''
    return (isSecret && !isEmpty) || hides(String(value)) ? MASK : value
  }
  if (typeof value !== 'object' || value === null) return value
  if (depthMax === 0) return MASK
  if (Array.isArray(value)) {
    const items = value.map((one) => scrubValue(one, depthMax - 1, isSecret))
    return items.some((one, index) => one !== value[index]) ? items : value
  }
  const before = Object.entries(value)
  const after = before.map(([name, one]): [string, unknown] => [
    hides(name) ? MASK : name,
    scrubValue(one, depthMax - 1, isSecret || isSecretField(name)),
  ])
  const hasChanged = after.some(
    ([name, one], index) => name !== before[index]?.[0] || one !== before[index]?.[1],
  )
  return hasChanged ? Object.fromEntries(after) : value
}

function isSecretField(name: string): boolean {
  return SECRET_NAME.test(name.replaceAll(WORD_IN_CAMEL_CASE, '_'))
}

const WORD_IN_CAMEL_CASE = /(?<=[a-z])(?=[A-Z])/g

/** A time in milliseconds since 1970. No card number begins like one. */
const TIME_MS = /^1\d{12}$/
/** The shortest card number. */
const DIGIT_COUNT_MIN = 13

function hides(text: string): boolean {
  return canHide(text) && !TIME_MS.test(text) && containsCardNumber(text)
}

/** The characters from a first digit to the next letter, if they are enough for a card number. */
const LONG_RUN = /(?<!\d)\d[^A-Za-z]{12,}/g
const GROUP = /^\d+/

/**
 * Returns true if a text may contain a card number. It counts the digits between letters, because most texts have too
 * few and the full search costs much more. A single group of digits, such as an id, is checked completely.
 */
function canHide(text: string): boolean {
  if (text.length < DIGIT_COUNT_MIN) return false
  // A text with characters outside of ASCII has more bytes than characters. Other scripts have digits too.
  if (Buffer.byteLength(text) > text.length) return true
  return text.match(LONG_RUN)?.some(canHideInRun) ?? false
}

function canHideInRun(run: string): boolean {
  const digits = run.replaceAll(/\D/g, '')
  if (digits.length < DIGIT_COUNT_MIN) return false
  const [group = ''] = GROUP.exec(run) ?? []
  // Several groups need the full search.
  return group.length < digits.length || looksLikeCardNumber(group)
}

/** Removes card numbers from a path, even if separators of the path split them. */
function withoutNumbers(path: string): string {
  const clean = path.replaceAll(/[^/]+/g, (part) => (hides(decodeText(part)) ? MASK : part))
  return hides(decodeText(clean)) ? MASK : clean
}

function decodeText(text: string): string {
  const withBlanks = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(withBlanks)
  } catch {
    // A malformed escape must not hide the others.
    return withBlanks.replaceAll(/%([0-7][\da-f])/gi, (_, hex) =>
      String.fromCharCode(parseInt(hex, 16)),
    )
  }
}

function parsedJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function cut(text: string): string {
  if (Buffer.byteLength(text) <= BODY_BYTES_MAX) return text
  return `${Buffer.from(text).subarray(0, BODY_BYTES_MAX).toString('utf8')}…`
}
