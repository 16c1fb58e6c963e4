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

/**
 * The number of letters from which a word may have a mistake. Shorter words are similar to too many
 * others.
 */
const TYPO_LETTER_COUNT_MIN = 5

type SearchedWord = {
  /** In lower case. */
  readonly word: string
  readonly exact: RegExp
  /** Undefined: no word of the index is similar to it, or it is too short. */
  readonly similar: RegExp | undefined
  /** The similar words of the index, in lower case. */
  readonly similarWords: readonly string[]
}

/**
 * Finds the parts of pages that have all words of the query. The order: fewer words with a mistake, then the lower rank
 * of the page, then more points.
 *
 * A word of at least five letters may have one mistake: a wrong, missing or additional letter, or two letters in the
 * wrong order.
 */
export function searchIn(index: SearchIndex, query: string): readonly SearchResult[] {
  const { pages, sections } = index
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => makeSearchedWord(index, word))
  if (words.length === 0) return []
  const matches = sections
    .flatMap((section) => {
      const [page] = section
      const [, title = '', rank = 1] = pages[page] ?? []
      const match = scoreOf(words, title, section)
      return match === undefined ? [] : [{ ...match, section, rank }]
    })
    .sort((a, b) => a.typoCount - b.typoCount || a.rank - b.rank || b.score - a.score)
  return matches.slice(0, RESULT_COUNT_MAX).map(({ section: [page, anchor, heading, text] }) => {
    const [id = '', title = ''] = pages[page] ?? []
    return { id, anchor, title, heading, text: excerptOf(text, words) }
  })
}

function makeSearchedWord(index: SearchIndex, word: string): SearchedWord {
  const similarWords = findSimilarWords(index, word)
  const pattern = similarWords.map(patternOf).join('|')
  return {
    word,
    exact: new RegExp(patternOf(word), 'iu'),
    similar: pattern === '' ? undefined : new RegExp(pattern, 'iu'),
    similarWords,
  }
}

/** Returns the words of the index that begin with the searched word after one correction, the longest first. */
function findSimilarWords(index: SearchIndex, searchWord: string): readonly string[] {
  const word = searchWord.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
  const letters = word.match(/\p{L}/gu) ?? []
  if (letters.length < TYPO_LETTER_COUNT_MIN) return []
  return wordsIn(index)
    .filter((knownWord) => !knownWord.startsWith(word) && isOneMistake(word, knownWord))
    .sort((a, b) => b.length - a.length)
}

const wordsOfIndexes = new WeakMap<SearchIndex, readonly string[]>()

/**
 * Returns the distinct words of an index in lower case, for example `access_key`, `access` and
 * `key`.
 */
function wordsIn(index: SearchIndex): readonly string[] {
  const knownWords = wordsOfIndexes.get(index)
  if (knownWords !== undefined) return knownWords
  const words = new Set<string>()
  const titles = index.pages.map(([, title]) => title)
  const texts = index.sections.flatMap(([, , heading, text]) => [heading, text])
  for (const text of [...titles, ...texts]) {
    for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+(?:[-_.][\p{L}\p{N}]+)*/gu)) {
      words.add(word)
      for (const part of word.split(/[-_.]/)) words.add(part)
    }
  }
  const list = [...words]
  wordsOfIndexes.set(index, list)
  return list
}

/** Returns true if a word of the index begins with the searched word after one correction. */
function isOneMistake(word: string, knownWord: string): boolean {
  let at = 0
  while (at < word.length && word[at] === knownWord[at]) at += 1
  const isSwapped = word[at] === knownWord[at + 1] && word[at + 1] === knownWord[at]
  return (
    knownWord.startsWith(word.slice(at + 1), at + 1) ||
    knownWord.startsWith(word.slice(at + 1), at) ||
    knownWord.startsWith(word.slice(at), at + 1) ||
    (isSwapped && knownWord.startsWith(word.slice(at + 2), at + 2))
  )
}

/** Undefined: a word is missing. */
function scoreOf(
  words: readonly SearchedWord[],
  title: string,
  [, anchor, heading, text]: SearchIndex['sections'][number],
): { readonly score: number; readonly typoCount: number } | undefined {
  let score = anchor === '' ? 1 : 0
  let typoCount = 0
  for (const { word, exact, similar, similarWords } of words) {
    const pointsOf = (pattern: RegExp) =>
      (pattern.test(heading) ? 12 : 0) +
      (pattern.test(title) ? 6 : 0) +
      (pattern.test(text) ? 2 : 0)
    let names: readonly string[] = [word]
    let points = pointsOf(exact)
    if (points === 0 && similar !== undefined) {
      typoCount += 1
      names = similarWords
      points = pointsOf(similar)
    }
    if (points === 0) return undefined
    // In a search for the name of a call, the call comes before lists of names.
    score += points + (names.includes(anchor.toLowerCase()) ? EXACT_POINTS : 0)
  }
  return { score, typoCount }
}

function excerptOf(text: string, words: readonly SearchedWord[]): readonly TextPart[] {
  const patterns = words.flatMap(({ exact, similar }) => {
    if (similar === undefined || exact.test(text)) return [exact]
    return [similar]
  })
  const places = patterns.map((pattern) => text.search(pattern)).filter((at) => at >= 0)
  const from = Math.max(0, Math.min(...places, text.length) - 40)
  const start = places.length === 0 || from === 0 ? 0 : text.indexOf(' ', from) + 1
  const end = start + EXCERPT_LENGTH
  const isCut = end < text.length
  const excerpt = isCut
    ? text.slice(start, Math.max(text.lastIndexOf(' ', end), start + 1))
    : text.slice(start)
  const shownText = `${start > 0 ? '… ' : ''}${excerpt}${isCut ? ' …' : ''}`
  const pattern = new RegExp(`(${patterns.map(({ source }) => source).join('|')})`, 'giu')
  return shownText
    .split(pattern)
    .map((part, index) => ({ text: part, isMatch: index % 2 === 1 }))
    .filter((part) => part.text !== '')
}

/**
 * Returns a pattern of the searched word at the start of a word. `key` is in `access_key`, but not in `monkey`. A
 * searched word that begins with a sign, such as `--forward-to`, matches everywhere.
 */
function patternOf(word: string): string {
  return `${/^[\p{L}\p{N}]/u.test(word) ? String.raw`(?<![\p{L}\p{N}])` : ''}${escapeWord(word)}`
}

/** Escapes a word for a pattern with the flag `u`, which allows no escape of other characters, such as `-`. */
function escapeWord(word: string): string {
  return word.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
}
