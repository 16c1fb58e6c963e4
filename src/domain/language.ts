import type { Edition } from './payment-method.ts'

/** The languages of customers' pages and messages, in the order in which they are offered. */
export const LANGUAGE_CODES = ['en', 'hi', 'ur'] as const
/** A language of customers' pages and messages: English, Hindi or Urdu. */
export type Language = (typeof LANGUAGE_CODES)[number]

/** The direction of a language's writing. */
export const DIRECTIONS: Readonly<Record<Language, 'ltr' | 'rtl'>> = {
  en: 'ltr',
  hi: 'ltr',
  ur: 'rtl',
}

/** The locale of times and counts. Its digits are 0 to 9 in every language, as in banking apps. */
export function localeOf(language: Language, edition: Edition): string {
  if (language === 'en') return edition === 'IN' ? 'en-IN' : 'en-US'
  return `${language}-IN-u-nu-latn`
}
