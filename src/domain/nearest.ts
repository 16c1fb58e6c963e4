/** The longest compared name, in characters: a hostile name can have any length. */
const LENGTH_MAX = 100
/** The length of the shortest prefix that counts as a name, in characters: `des` for `description`. */
const BEGINNING_LENGTH_MIN = 3
/** The largest part of a name that may differ. */
const DIFFERENT_PART_MAX = 0.35

/**
 * Returns the known name that a mistyped one most likely stands for: `amount` for `amout`. Case and separators do not
 * matter. Undefined: no name is near.
 */
export function nearestName<Name extends string>(
  text: string,
  names: readonly Name[],
): Name | undefined {
  if (text.length > LENGTH_MAX) return undefined
  const plainText = plain(text)
  let nearest: Name | undefined
  let leastPart = Number.POSITIVE_INFINITY
  for (const name of names) {
    const part = differentPart(plainText, plain(name))
    if (part < leastPart) {
      leastPart = part
      nearest = name
    }
  }
  return leastPart <= DIFFERENT_PART_MAX ? nearest : undefined
}

/** Returns `, did you mean amount?` for a mistyped name, or an empty text. */
export function suggestionFor(text: string, names: readonly string[]): string {
  const nearest = nearestName(text, names)
  return nearest === undefined ? '' : `, did you mean ${nearest}?`
}

/** Returns the sentence ` Did you mean card?` for a mistyped word, or an empty text. */
export function questionFor(text: string, names: readonly string[]): string {
  const nearest = nearestName(text, names)
  return nearest === undefined ? '' : ` Did you mean ${nearest}?`
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s._-]/g, '')
}

/** Returns the part of two names that differs: 0 for the same names, 1 for names that have nothing in common. */
function differentPart(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length)
  const isBeginning = one.startsWith(other) || other.startsWith(one)
  if (isBeginning && shorter >= BEGINNING_LENGTH_MIN && one.length !== other.length) {
    return DIFFERENT_PART_MAX
  }
  return editCount(one, other) / Math.max(one.length, other.length, 1)
}

/**
 * Counts the steps that turn one text into another. A step inserts, deletes or replaces one letter, or swaps two
 * adjacent letters.
 */
function editCount(one: string, other: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row += 1) {
    const counts = [row]
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1]
      const replacement = (last[column - 1] ?? 0) + (isSame ? 0 : 1)
      const leastCount = Math.min(
        replacement,
        (last[column] ?? 0) + 1,
        (counts[column - 1] ?? 0) + 1,
      )
      const isExchanged = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      counts[column] =
        isExchanged && row > 1 && column > 1
          ? Math.min(leastCount, (beforeLast[column - 2] ?? 0) + 1)
          : leastCount
    }
    beforeLast = last
    last = counts
  }
  return last[other.length] ?? 0
}
