/**
 * Applies the chosen theme. The page loads this as a blocking script after its style sheets, so that the first paint
 * has the theme. The dark colors are in media rules. A chosen theme switches these rules on or off, so that no color
 * is written twice.
 */
import { chosenTheme, THEME_EVENT } from './theme.ts'

const DARK = '(prefers-color-scheme: dark)'

function darkRules(): readonly CSSMediaRule[] {
  return [...document.styleSheets]
    .flatMap(({ cssRules }) => [...cssRules])
    .filter((rule) => rule instanceof CSSMediaRule)
    .filter(({ media }) => media.mediaText === DARK)
}

const rules = darkRules()

function apply(): void {
  const theme = chosenTheme()
  const condition = { system: DARK, light: 'not all', dark: 'all' }[theme]
  for (const { media } of rules) media.mediaText = condition
  document.documentElement.style.colorScheme = theme === 'system' ? '' : theme
}

apply()
addEventListener(THEME_EVENT, apply)
// Another window of the console has changed the theme.
addEventListener('storage', apply)
