import { styleText } from 'node:util'

const FORMATS = {
  good: 'green',
  bad: 'red',
  waiting: 'yellow',
  heading: 'bold',
  quiet: 'dim',
} as const

/** A meaning that the terminal shows as a color or a weight. */
export type Style = keyof typeof FORMATS

/**
 * Returns a text with the codes of a style, if the stream is a terminal that shows them. NO_COLOR, FORCE_COLOR and
 * NODE_DISABLE_COLORS decide as in Node.
 */
export function applyStyle(
  style: Style,
  text: string,
  stream: NodeJS.WritableStream = process.stdout,
): string {
  return styleText(FORMATS[style], text, { stream, validateStream: true })
}

const STYLES_BY_WORD: ReadonlyMap<string, Style> = new Map([
  ['succeeded', 'good'],
  ['active', 'good'],
  ['delivered', 'good'],
  ['passed', 'good'],
  ['approved', 'good'],
  ['failed', 'bad'],
  ['declined', 'bad'],
  ['given_up', 'bad'],
  ['disabled', 'bad'],
  ['none', 'bad'],
  ['created', 'waiting'],
  ['initiated', 'waiting'],
  ['in_progress', 'waiting'],
  ['pending', 'waiting'],
  ['held', 'waiting'],
  ['unknown', 'waiting'],
  ['canceled', 'quiet'],
  ['closed', 'quiet'],
  ['expired', 'quiet'],
  ['inactive', 'quiet'],
])

/** Returns the style of a status: a word such as `succeeded`, or an HTTP status. Undefined: it has none. */
export function styleOfStatus(status: string): Style | undefined {
  if (/^[2-5]\d\d$/.test(status)) {
    return status.startsWith('2') ? 'good' : status.startsWith('3') ? 'waiting' : 'bad'
  }
  return STYLES_BY_WORD.get(status)
}

/** Returns a status in its style. `text`: the status, padded with blanks for a column. */
export function styledStatus(text: string): string {
  const style = styleOfStatus(text.trim())
  return style === undefined ? text : applyStyle(style, text)
}
