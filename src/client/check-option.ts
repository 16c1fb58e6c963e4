/**
 * Throws a TypeError if an option is not an http or https URL, or if the URL has a user name, a password, a query or a
 * fragment. The error repeats no password.
 */
export function checkAddress(name: string, value: unknown): void {
  const isAddress = typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value)
  if (!isAddress) {
    throw new TypeError(
      `${name} must be a URL that begins with http:// or https://, but it is ${describe(value)}.`,
    )
  }
  const { password, username } = new URL(value)
  if (username !== '' || password !== '') {
    throw new TypeError(
      `${name} must have no user name and no password: the client sends an access token.`,
    )
  }
  if (/[?#]/.test(value)) {
    throw new TypeError(`${name} must have no query and no fragment, but it is ${describe(value)}.`)
  }
}

/** Returns true if a text can be in a header: it is not empty, and has only printable characters of ASCII. */
export function isHeaderText(text: string): boolean {
  return /^[ -~]+$/.test(text)
}

/**
 * Throws a TypeError if an access token is not a text, is empty, or has a line end or another character that is not
 * allowed in a header, because the runtime's error would repeat the token.
 */
export function checkToken(value: unknown): void {
  if (typeof value !== 'string' || value === '') {
    throw new TypeError('accessToken must be a text, and not empty.')
  }
  checkHeaderText('accessToken', value)
}

/** The maximum number of characters of an idempotency key. */
const KEY_LENGTH_MAX = 255

/**
 * Throws a TypeError if an idempotency key is not a text, is empty or too long, or has a character that is not allowed
 * in a header.
 */
export function checkIdempotencyKey(value: unknown): void {
  if (typeof value !== 'string' || value === '' || value.length > KEY_LENGTH_MAX) {
    throw new TypeError(`idempotencyKey must be a text of 1 to ${KEY_LENGTH_MAX} characters.`)
  }
  checkHeaderText('idempotencyKey', value)
}

/** Names the first wrong character by its position and code, because the text may be secret. */
function checkHeaderText(name: string, text: string): void {
  if (isHeaderText(text)) return
  const { 0: character = '', index = 0 } = /[^ -~]/u.exec(text) ?? {}
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  throw new TypeError(
    `${name} must have only printable characters of ASCII, but character ${index + 1} is U+${code}.`,
  )
}

/** Writes a value for an error. Replaces the part of a text before an @, which may be a password. */
export function describe(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value.replace(/^([a-z]*:?\/*).*@/is, '$1***@'))
    : String(value)
}
