/**
 * The characters that a terminal or a text viewer obeys instead of showing them: control characters, separators of
 * lines, and characters that change the direction of a text. Texts that run from right to left do not need characters
 * of the last kind.
 */
const CONTROLS = '\\p{Cc}\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069'
const CONTROL = new RegExp(`[${CONTROLS}]`, 'gu')
/** The codes of the styles that commands use, which only change colors and weights. */
const STYLE = '\\u001b\\[(?:1|2|22|31|32|33|39)m'
const CONTROL_OR_STYLE = new RegExp(`${STYLE}|[${CONTROLS}]`, 'gu')
/** The controls that JSON allows inside its texts. */
const IN_JSON = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** Returns a text in one line, with a question mark in place of each control character. */
export function withoutControls(text: string): string {
  return text.replaceAll(CONTROL, '?')
}

/** Returns lines whose texts cannot control the terminal. Tabs, line ends, and the styles of commands stay. */
export function terminalLines(text: string): string {
  return text.replaceAll(CONTROL_OR_STYLE, (match) =>
    match.length > 1 || match === '\n' || match === '\t' ? match : '?',
  )
}

/** Writes JSON text with escapes for the characters that JSON allows and a terminal obeys. The value stays the same. */
export function terminalJson(json: string): string {
  return json.replaceAll(
    IN_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
