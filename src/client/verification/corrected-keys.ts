/** Returns possible correct forms of a wrongly copied key, each with a description of its fault. */
export function* correctedKeys(
  key: string,
): Generator<readonly [fault: string, key: string], void, void> {
  const text = key.trim()
  if (text !== key) yield ['has blanks or a line break around it: remove them', text]
  const content = withoutQuotes(text)
  if (content !== text) yield ['has quotation marks around it: remove them', content]
}

/** Removes a pair of quotation marks around a text. */
export function withoutQuotes(text: string): string {
  return text.replace(/^(["'])(.*)\1$/s, '$2')
}
