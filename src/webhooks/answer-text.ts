/** The maximum length of a stored answer, in bytes of UTF-8. */
export const ANSWER_TEXT_BYTES_MAX = 2048

/**
 * Characters that could deceive a reader of a stored answer: control characters, which terminals obey (PostgreSQL also
 * refuses NUL); unusual line ends; and marks that change the direction of text. Tabs, line feeds, and the marks that
 * Urdu needs (U+200E, U+200F) are allowed.
 */
const DANGEROUS = /(?![\t\n])[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/**
 * Returns the beginning of a body in a form that can be stored and shown: whole characters, at most
 * 2 KiB. Bytes that are not UTF-8 become U+FFFD.
 */
export function renderAnswerText(body: Uint8Array): string {
  // The decoder of a stream omits an incomplete character at the end.
  const text = new TextDecoder()
    .decode(body.subarray(0, ANSWER_TEXT_BYTES_MAX), { stream: true })
    .replaceAll(DANGEROUS, '')
  // U+FFFD takes three bytes, so the text can be longer than the body.
  const { read: readCount } = new TextEncoder().encodeInto(
    text,
    new Uint8Array(ANSWER_TEXT_BYTES_MAX),
  )
  return text.slice(0, readCount)
}
