import type { Language } from '../domain/language.ts'
import { EN, type Messages } from './messages/en.ts'
import { HI } from './messages/hi.ts'
import { UR } from './messages/ur.ts'

/** The languages of customers' pages and messages. */
export type { Language } from '../domain/language.ts'

/**
 * Encloses each value in Unicode's FSI and PDI, so that an amount or a Latin name is not reordered inside a sentence
 * that runs from right to left.
 */
function isolate(messages: Messages): Messages {
  return Object.fromEntries(
    Object.entries(messages).map(([key, message]) => [
      key,
      message.replaceAll(/\{\w+\}/g, '\u2068$&\u2069'),
    ]),
  ) as Messages
}

/** Every language of the checkout, in the order in which they are offered. */
export const LANGUAGES: Readonly<
  Record<Language, { readonly messages: Messages; readonly direction: 'ltr' | 'rtl' }>
> = {
  en: { messages: EN, direction: 'ltr' },
  hi: { messages: HI, direction: 'ltr' },
  ur: { messages: isolate(UR), direction: 'rtl' },
}

const LANGUAGE_OF_CODE: ReadonlyMap<string, Language> = new Map(
  (Object.keys(LANGUAGES) as Language[]).map((language) => [language, language]),
)

/**
 * Chooses the language: from `?lang=`, otherwise the best match of `Accept-Language`, otherwise English. Only the
 * first part of a tag such as `hi-IN` counts.
 */
export function chooseLanguage(
  languageTag: string | undefined,
  acceptLanguage: string | undefined,
): Language {
  const base = (tag: string) => LANGUAGE_OF_CODE.get(tag.trim().split('-')[0]?.toLowerCase() ?? '')
  const requestedLanguage = languageTag === undefined ? undefined : base(languageTag)
  if (requestedLanguage !== undefined) return requestedLanguage

  const acceptedTags = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',')
    .map((entry) => {
      const [tag = '', ...parameters] = entry.split(';')
      const quality = parameters.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find(Boolean)
      return { language: base(tag), quality: Number(quality ?? 1) }
    })
    .filter(({ language, quality }) => language !== undefined && quality > 0)
    .sort((a, b) => b.quality - a.quality)
  return acceptedTags[0]?.language ?? 'en'
}
