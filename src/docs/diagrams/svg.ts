import { createHash } from 'node:crypto'
import { type Html, html } from '../../pages/html.ts'

/** A point in pixels. */
export type Point = { readonly x: number; readonly y: number }

/** The height of a line of text, in pixels. */
export const LINE_HEIGHT = 17

/** Estimates the width of a text at 14 pixels, in pixels. The exact width depends on the reader's font. */
export function widthOf(text: string): number {
  return Math.ceil(text.length * 7.3)
}

/** Rounds to a tenth of a pixel, so that pages are short. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/** Renders a drawing, and its source for readers who cannot see it. `draw` gets the id of the arrowhead. */
export function renderFigure(
  source: string,
  {
    height,
    name,
    width,
  }: { readonly height: number; readonly name: string; readonly width: number },
  draw: (arrow: string) => Html,
): Html {
  const arrow = `arrow-${createHash('sha256').update(source).digest('hex').slice(0, 8)}`
  return html`<figure class="diagram">
<div class="drawing" role="region" tabindex="0" aria-label="${name}">
<svg role="img" aria-label="${name}" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}">
<defs><marker id="${arrow}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="head" d="M0 1 9 5 0 9z"/></marker></defs>
${draw(arrow)}
</svg></div>
<details><summary>The diagram as text</summary><pre tabindex="0" aria-label="The diagram as text"><code>${source}</code></pre></details>
</figure>`
}
