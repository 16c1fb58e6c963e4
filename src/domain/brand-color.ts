/** A color as it is configured: `#1a56db`. */
const HEX_COLOR = /^#[0-9a-f]{6}$/

/** Returns true if a text is a color for a merchant's button, in lower case. */
export function isBrandColor(text: string): boolean {
  return HEX_COLOR.test(text)
}

type Accent = { readonly accent: string; readonly onAccent: string }

/** The least contrast of text. Source: WCAG 2.2, success criterion 1.4.3. */
const CONTRAST_MIN = 4.5
const TEXT_COLORS = ['#ffffff', '#0d1220'] as const
/** The page's background colors, light and dark. */
const BACKGROUND_COLORS = { light: ['#ffffff', '#f5f6f8'], dark: ['#1a1f28', '#10141a'] } as const

/**
 * Returns the merchant's color as an accent for light and for dark pages. Undefined if its contrast is
 * too low: the page then uses its own color.
 */
export function accentsOf(color: string): {
  readonly light: Accent | undefined
  readonly dark: Accent | undefined
} {
  const onAccent = TEXT_COLORS.find((text) => contrastOf(text, color) >= CONTRAST_MIN)
  const on = (backgrounds: readonly string[]) =>
    onAccent !== undefined && backgrounds.every((one) => contrastOf(one, color) >= CONTRAST_MIN)
      ? { accent: color, onAccent }
      : undefined
  return { light: on(BACKGROUND_COLORS.light), dark: on(BACKGROUND_COLORS.dark) }
}

/** Returns the contrast of two colors, 1 to 21. Source: WCAG 2.2, contrast ratio. */
function contrastOf(a: string, b: string): number {
  const [brighter = 0, darker = 0] = [luminanceOf(a), luminanceOf(b)].sort((x, y) => y - x)
  return (brighter + 0.05) / (darker + 0.05)
}

function luminanceOf(color: string): number {
  const channel = (start: number) => {
    const value = Number.parseInt(color.slice(start, start + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}
