/** How much of an answer is kept, in bytes of UTF-8. */
export const ANSWER_TEXT_BYTES_MAX = 2048

/**
 * What could deceive whoever looks at a stored answer: control characters, which a terminal obeys and
 * a database refuses; odd line ends; and marks that turn the direction of what stands after them. Tabs,
 * line feeds, and the marks that Urdu needs (U+200E, U+200F) stay.
 */
const DANGEROUS = /(?![\t\n])[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/**
 * Renders the beginning of a body so that it can be kept and shown: whole characters, at most 2 KiB of
 * them. Bytes that are no UTF-8 become U+FFFD.
 */
export function renderAnswerText(body: Uint8Array): string {
  // As a stream, for a character that is cut at the end is then left out.
  const text = new TextDecoder()
    .decode(body.subarray(0, ANSWER_TEXT_BYTES_MAX), { stream: true })
    .replaceAll(DANGEROUS, '')
  // A replaced byte takes three, so the text may have grown.
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(ANSWER_TEXT_BYTES_MAX))
  return text.slice(0, read)
}
