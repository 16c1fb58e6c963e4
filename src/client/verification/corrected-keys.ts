/** Returns the keys that a wrongly copied key may mean, each after its fault in words. */
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
