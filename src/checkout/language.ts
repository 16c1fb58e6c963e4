import { acceptedLanguage, type Language, languageOfTag } from '../domain/language.ts'
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

/**
 * Chooses the language: from `?lang=`, otherwise the best match of `Accept-Language`, otherwise English. Only the
 * first part of a tag such as `hi-IN` counts.
 */
export function chooseLanguage(
  languageTag: string | undefined,
  acceptLanguage: string | undefined,
): Language {
  const requestedLanguage = languageTag === undefined ? undefined : languageOfTag(languageTag)
  return requestedLanguage ?? acceptedLanguage(acceptLanguage)
}
