import { LANGUAGE_CODES } from '../../domain/language.ts'
import { type Catalog, setLanguage } from './text.ts'

const CATALOGS: Readonly<Record<'hi' | 'ur', () => Promise<Catalog>>> = {
  hi: async () => {
    const { HINDI, HINDI_WORDS } = await import('./texts/hindi.ts')
    return { texts: HINDI, words: HINDI_WORDS }
  },
  ur: async () => {
    const { URDU, URDU_WORDS } = await import('./texts/urdu.ts')
    return { texts: URDU, words: URDU_WORDS }
  },
}

/**
 * Loads the texts in the language of the page. An English page loads none, because the keys are its texts. If the texts
 * do not load, the page is in English.
 */
export async function loadTexts(): Promise<void> {
  const page = document.documentElement
  const language = LANGUAGE_CODES.find((one) => one === page.lang) ?? 'en'
  if (language === 'en') return
  try {
    setLanguage(language, await CATALOGS[language]())
  } catch {
    page.lang = 'en'
    page.dir = 'ltr'
  }
}
