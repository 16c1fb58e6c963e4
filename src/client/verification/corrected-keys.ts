/** Returns the keys that a wrongly copied key may mean, each after its fault in words. */
export function* correctedKeys(
  key: string,
): Generator<readonly [fault: string, key: string], void, void> {
  const trimmed = key.trim()
  if (trimmed !== key) yield ['has blanks or a line break around it: remove them', trimmed]
  const unquoted = withoutQuotes(trimmed)
  if (unquoted !== trimmed) yield ['has quotation marks around it: remove them', unquoted]
}

/** Removes a pair of quotation marks around a text. */
export function withoutQuotes(text: string): string {
  return text.replace(/^(["'])(.*)\1$/s, '$2')
}
