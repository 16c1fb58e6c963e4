/** The console's theme: that of the system, light or dark. */

/** The themes. */
export const THEMES = ['system', 'light', 'dark'] as const
/** A theme. */
export type Theme = (typeof THEMES)[number]

/** The event by which a page applies a changed theme. */
export const THEME_EVENT = 'paydesk-theme'

const KEY = 'paydesk-theme'

/** Returns the chosen theme. */
export function chosenTheme(): Theme {
  try {
    const storedTheme = localStorage.getItem(KEY)
    return THEMES.find((one) => one === storedTheme) ?? 'system'
  } catch {
    // The browser stores nothing for this page.
    return 'system'
  }
}

/** Remembers a theme and applies it. */
export function chooseTheme(theme: Theme): void {
  try {
    if (theme === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme)
  } catch {
    return
  }
  dispatchEvent(new Event(THEME_EVENT))
}
