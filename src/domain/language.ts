import type { Edition } from './payment-method.ts'

/** The languages of customers' pages, their messages and the console, in the order in which they are offered. */
export const LANGUAGE_CODES = ['en', 'hi', 'ur'] as const
/** A language of pages and messages: English, Hindi or Urdu. */
export type Language = (typeof LANGUAGE_CODES)[number]

/** The name of each language in that language. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: 'English',
  hi: 'हिन्दी',
  ur: 'اردو',
}

/** The direction of a language's writing. */
export const DIRECTIONS: Readonly<Record<Language, 'ltr' | 'rtl'>> = {
  en: 'ltr',
  hi: 'ltr',
  ur: 'rtl',
}

/** Returns the locale of times and counts. Its digits are 0 to 9 in every language, as in banking apps. */
export function localeOf(language: Language, edition: Edition): string {
  if (language === 'en') return edition === 'IN' ? 'en-IN' : 'en-US'
  return `${language}-IN-u-nu-latn`
}

const LANGUAGE_OF_CODE: ReadonlyMap<string, Language> = new Map(
  LANGUAGE_CODES.map((language) => [language, language]),
)

const ACCEPT_LANGUAGE_LENGTH_MAX = 500

/** Returns the language of a tag such as `hi-IN`. Only its first part counts. Undefined: Paydesk does not have it. */
export function languageOfTag(tag: string): Language | undefined {
  return LANGUAGE_OF_CODE.get(tag.trim().split('-')[0]?.toLowerCase() ?? '')
}

/** Returns the best match of an `Accept-Language` header, or English. */
export function acceptedLanguage(acceptLanguage = ''): Language {
  const matches = acceptLanguage
    .slice(0, ACCEPT_LANGUAGE_LENGTH_MAX)
    .split(',')
    .map((entry) => {
      const [tag = '', ...parameters] = entry.split(';')
      const quality = parameters.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find(Boolean)
      return { language: languageOfTag(tag), quality: Number(quality ?? 1) }
    })
    .filter(({ language, quality }) => language !== undefined && quality > 0)
    .sort((a, b) => b.quality - a.quality)
  return matches[0]?.language ?? 'en'
}
