/** The texts of the console's pages that work without script. The English text is the key. */

import { DIRECTIONS, type Language } from '../domain/language.ts'
import { Html, html } from '../pages/html.ts'
import { englishOf, fillText, type PlainText, type ValuesOf } from './fill-text.ts'
import { HINDI_PAGES } from './page-texts/hindi.ts'
import { URDU_PAGES } from './page-texts/urdu.ts'

/** A text of a page. */
export type PageTextKey = keyof typeof HINDI_PAGES
/** A text of a page without placeholders. */
export type PlainPageKey = PlainText<PageTextKey>

/** Returns a text of a page. With HTML among its values it is HTML. */
export type PageText = {
  <Key extends PageTextKey>(key: Key, ...values: ValuesOf<Key, string | number>): string
  <Key extends PageTextKey>(key: Key, ...values: ValuesOf<Key, string | number | Html>): Html
}

const TEXTS: Readonly<Record<Language, Readonly<Record<PageTextKey, string>> | undefined>> = {
  en: undefined,
  hi: HINDI_PAGES,
  ur: URDU_PAGES,
}

/** Returns the texts of pages in a language. */
export function pageTextOf(language: Language): PageText {
  const texts = TEXTS[language]
  return ((key: PageTextKey, values: Readonly<Record<string, string | number | Html>> = {}) => {
    const parts = fillText(texts?.[key] ?? englishOf(key), values, DIRECTIONS[language])
    const hasHtml = parts.some((part) => part instanceof Html)
    return hasHtml ? html`${parts.map((part) => html`${part}`)}` : parts.join('')
  }) as PageText
}
