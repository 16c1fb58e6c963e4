/** Words that differ by more than this number of letters are not similar. */
const DISTANCE_MAX = 3
/** The smallest share of equal letters of similar words. */
const SHARE_MIN = 0.4

/**
 * Returns the sentence about the words that are most similar to a misspelled one: ` Did you mean card?`. Returns an
 * empty text if none is similar.
 */
export function similarWords(word: string, words: readonly string[]): string {
  const rated = words.map((one) => ({ word: one, distance: distanceOf(word, one) }))
  const near = rated.filter(
    (one) =>
      one.distance <= DISTANCE_MAX &&
      one.distance < Math.max(word.length, one.word.length) * (1 - SHARE_MIN),
  )
  const least = Math.min(...near.map(({ distance }) => distance))
  const best = near.filter(({ distance }) => distance === least).map((one) => one.word)
  return best.length === 0 ? '' : ` Did you mean ${best.join(' or ')}?`
}

/** Counts the insertions, deletions, replacements and swaps of neighbors that turn one word into the other. */
function distanceOf(left: string, right: string): number {
  const a = left.toLowerCase()
  const b = right.toLowerCase()
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const isEqual = a[row - 1] === b[column - 1]
      const isSwapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isEqual ? 0 : 1),
        isSwapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = current
  }
  return at(last, b.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
