import { type Html, html } from '../pages/html.ts'
import { highlightCode } from './highlight-code.ts'

/** A piece of code and its language, as a Markdown fence names it. */
export type Code = { readonly language: string; readonly text: string }

/** The languages that tabs can show beside each other, with their names. */
export const TAB_LANGUAGES: ReadonlyMap<string, string> = new Map([
  ['sh', 'curl'],
  ['js', 'JavaScript'],
  ['ts', 'TypeScript'],
  ['python', 'Python'],
  ['php', 'PHP'],
  ['go', 'Go'],
  ['java', 'Java'],
  ['csharp', 'C#'],
  ['ruby', 'Ruby'],
])

const NAMES: ReadonlyMap<string, string> = new Map([
  ...TAB_LANGUAGES,
  ['sh', 'Terminal'],
  ['json', 'JSON'],
  ['yaml', 'YAML'],
  ['html', 'HTML'],
  ['sql', 'SQL'],
  ['nginx', 'nginx'],
])

/** Renders code with its language and a button that copies it. */
export function renderCode({ language, text }: Code, name = NAMES.get(language)): Html {
  return html`<div class="code" data-language="${language}">
<p class="caption"><span>${name ?? 'Text'}</span><button type="button" class="copy needs-script">Copy</button></p>
<pre tabindex="0" aria-label="${name ?? 'Text'}"><code>${highlightCode(text, language)}</code></pre>
</div>`
}

/**
 * Renders the same code in several languages. Without script they are shown one below the other; the script adds tabs.
 */
export function renderTabs(codes: readonly Code[]): Html {
  return html`<div class="tabs">${codes.map((code) => renderCode(code, TAB_LANGUAGES.get(code.language)))}</div>`
}
