import type { SearchIndex } from '../search-index.ts'

/** A part of a result's text. */
export type TextPart = { readonly text: string; readonly isMatch: boolean }

/** A result: a part of a page, with the words around the first match. */
export type SearchResult = {
  readonly id: string
  readonly anchor: string
  readonly title: string
  readonly heading: string
  readonly text: readonly TextPart[]
}

const RESULT_COUNT_MAX = 20
/** The points for a word that is the anchor of a part of a page. */
const EXACT_POINTS = 30
/** The length of the shown text, in characters. */
const EXCERPT_LENGTH = 130

/** Finds the parts of pages that have all words of the query, the best first, and those of the project's pages last. */
export function searchIn({ pages, sections }: SearchIndex, query: string): readonly SearchResult[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return []
  const scored = sections
    .map((section) => {
      const [page] = section
      const [, title = '', rank = 1] = pages[page] ?? []
      return { section, rank, score: scoreOf(words, title, section) }
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => a.rank - b.rank || b.score - a.score)
  return scored.slice(0, RESULT_COUNT_MAX).map(({ section: [page, anchor, heading, text] }) => {
    const [id = '', title = ''] = pages[page] ?? []
    return { id, anchor, title, heading, text: excerptOf(text, words) }
  })
}

/** Returns the score of a part of a page. Zero: a word is missing. */
function scoreOf(
  words: readonly string[],
  title: string,
  [, anchor, heading, text]: SearchIndex['sections'][number],
): number {
  let score = anchor === '' ? 1 : 0
  for (const word of words) {
    // A search for the name of a call finds the call before lists of names.
    if (anchor.toLowerCase() === word) score += EXACT_POINTS
    const points = pointsOf(word, heading, 12) + pointsOf(word, title, 6) + pointsOf(word, text, 2)
    if (points === 0) return 0
    score += points
  }
  return score
}

/** Returns the points if a word of the text begins with the searched word, otherwise zero. */
function pointsOf(word: string, text: string, points: number): number {
  return new RegExp(patternOf(word), 'iu').test(text) ? points : 0
}

function excerptOf(text: string, words: readonly string[]): readonly TextPart[] {
  const places = words
    .map((word) => text.search(new RegExp(patternOf(word), 'iu')))
    .filter((at) => at >= 0)
  const from = Math.max(0, Math.min(...places, text.length) - 40)
  const start = places.length === 0 || from === 0 ? 0 : text.indexOf(' ', from) + 1
  const end = start + EXCERPT_LENGTH
  const isCut = end < text.length
  const excerpt = isCut
    ? text.slice(start, Math.max(text.lastIndexOf(' ', end), start + 1))
    : text.slice(start)
  const shown = `${start > 0 ? '… ' : ''}${excerpt}${isCut ? ' …' : ''}`
  const pattern = new RegExp(`(${words.map(patternOf).join('|')})`, 'giu')
  return shown
    .split(pattern)
    .map((part, index) => ({ text: part, isMatch: index % 2 === 1 }))
    .filter((part) => part.text !== '')
}

/**
 * Returns a pattern of the searched word at the start of a word. `key` is in `access_key`, but not in `monkey`. A
 * searched word that begins with a sign, such as `--forward-to`, matches everywhere.
 */
function patternOf(word: string): string {
  return `${/^[\p{L}\p{N}]/u.test(word) ? String.raw`(?<![\p{L}\p{N}])` : ''}${escaped(word)}`
}

/** Escapes a word for a pattern with the flag `u`, which allows no escape of other characters, such as `-`. */
function escaped(word: string): string {
  return word.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
}
