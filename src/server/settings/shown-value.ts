/** The maximum number of characters of a value that an error repeats. */
const SHOWN_LENGTH_MAX = 100

/** Writes a value in quotation marks, without passwords, on one line and not too long. */
export function shownValue(value: string): string {
  if (value === '') return 'empty'
  const text = withoutPassword(value).replaceAll(/\p{Cc}/gu, '?')
  return text.length > SHOWN_LENGTH_MAX ? `"${text.slice(0, SHOWN_LENGTH_MAX)}…"` : `"${text}"`
}

/** Hides the passwords of a URL: the user's, and those in the query. A misspelled URL may have one too. */
export function withoutPassword(text: string): string {
  const exact = text.replace(/^(\w+:\/\/[^:/?#\s]*):[^/?#]*@/, '$1:(hidden)@')
  const isUrl = exact !== text || URL.canParse(text)
  const shownText = isUrl ? exact : text.replace(/^([^:]*:\/+[^:]*|[^:]*):.*@/s, '$1:(hidden)@')
  return shownText.replace(/([?&](?:ssl)?password=)[^&#]*/gi, '$1(hidden)')
}
