/** The texts of the console's script in the language of the page. The English text is the key. */

import { type ComponentChildren, Fragment, h } from 'preact'
import { DIRECTIONS, type Language, localeOf } from '../../domain/language.ts'
import {
  type CountText,
  englishOf,
  fillText,
  LEFT_TO_RIGHT_ISOLATE,
  type PlainText,
  POP_ISOLATE,
  type ValuesOf,
} from '../fill-text.ts'
import type { HINDI, HINDI_WORDS } from './texts/hindi.ts'

/** A text of the console: in English, with a note such as `#verb` where one English text has two meanings. */
export type TextKey = keyof typeof HINDI
/** A text without placeholders. */
export type PlainKey = PlainText<TextKey>
/** A text with the placeholder `count`. */
export type CountKey = CountText<TextKey>

/** The texts and the words of the wire in another language than English. */
export type Catalog = {
  readonly texts: Readonly<Record<TextKey, string>>
  readonly words: Readonly<Record<keyof typeof HINDI_WORDS, string>>
}

let language: Language = 'en'
let texts: ReadonlyMap<string, string> = new Map()
let wireWords: ReadonlyMap<string, string> = new Map()

/** Sets the language of all texts, once, before the first view. */
export function setLanguage(pageLanguage: Language, catalog: Catalog): void {
  language = pageLanguage
  texts = new Map(Object.entries(catalog.texts))
  wireWords = new Map(Object.entries(catalog.words))
}

/** Returns the language of the texts. */
export function shownLanguage(): Language {
  return language
}

/** Returns the locale of dates and counts. */
export function shownLocale(): string {
  return localeOf(language, 'US')
}

/** Returns a text in the language of the page. */
export function text<Key extends TextKey>(
  key: Key,
  ...values: ValuesOf<Key, string | number>
): string
/** Returns a text with elements among its values. */
export function text<Key extends TextKey>(
  key: Key,
  ...values: ValuesOf<Key, ComponentChildren>
): ComponentChildren
/** The implementation of both overloads. */
export function text(
  key: TextKey,
  values: Readonly<Record<string, ComponentChildren>> = {},
): ComponentChildren {
  const parts = fillText(texts.get(key) ?? englishOf(key), values, DIRECTIONS[language])
  const isString = parts.every((part) => typeof part === 'string' || typeof part === 'number')
  return isString ? parts.join('') : h(Fragment, null, ...parts)
}

/** Returns the text for a count, by the plural rules of the language: `1 payment`, `2 payments`. */
export function countText(count: number, one: CountKey, other: CountKey): string {
  const key = new Intl.PluralRules(language).select(count) === 'one' ? one : other
  const template = texts.get(key) ?? englishOf(key)
  return fillText(template, { count: showCount(count) }, DIRECTIONS[language]).join('')
}

/**
 * Translates an English sentence of the server into the language of the page. `keys`: the texts of such sentences.
 * Undefined: none of them gives this sentence.
 */
export function translateSentence(sentence: string, keys: readonly TextKey[]): string | undefined {
  if (language === 'en') return sentence
  for (const key of keys) {
    const match = new RegExp(`^${key.replaceAll(/\{(\w+)\}/g, '(?<$1>.+)')}$`).exec(sentence)
    if (match === null) continue
    const values = Object.entries(match.groups ?? {}).map(([name, value]) => [
      name,
      wireWords.get(value) ?? value,
    ])
    const template = texts.get(key) ?? key
    return fillText(template, Object.fromEntries(values), DIRECTIONS[language]).join('')
  }
  return undefined
}

/** Writes a count with grouped digits. */
export function showCount(count: number): string {
  return count.toLocaleString(shownLocale())
}

/** Isolates an amount or an id, so that its characters keep their order within a text from right to left. */
export function isolate(value: string): string {
  return DIRECTIONS[language] === 'rtl' ? LEFT_TO_RIGHT_ISOLATE + value + POP_ISOLATE : value
}

/** Returns the words for a status or another name of the wire. Undefined: the page is in English, or there are none. */
export function wordsOf(name: string): string | undefined {
  return wireWords.get(name)
}
