import type { JSX } from 'preact'
import { LANGUAGE_CODES, LANGUAGE_NAMES } from '../../domain/language.ts'
import { shownLanguage, text } from './text.ts'

/** The choice of the language. The server remembers it and sends the page again, so that the first paint is translated. */
export function LanguageSelect(): JSX.Element {
  return (
    <label>
      <span class="hidden">{text('Language')}</span>
      <select
        value={shownLanguage()}
        onChange={(event: Event) => {
          const query = new URLSearchParams(location.search)
          query.set('lang', (event.currentTarget as HTMLSelectElement).value)
          location.search = query.toString()
        }}
      >
        {LANGUAGE_CODES.map((one) => (
          <option key={one} value={one} lang={one}>
            {LANGUAGE_NAMES[one]}
          </option>
        ))}
      </select>
    </label>
  )
}
