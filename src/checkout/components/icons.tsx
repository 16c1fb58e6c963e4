import type { JSX } from 'preact'
import { ICON_PATHS } from './icon-paths.ts'

type IconName = keyof typeof ICON_PATHS

/** An icon beside a text with the same meaning, so it is hidden from screen readers. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {ICON_PATHS[name].map((d) => (
        <path d={d} key={d} />
      ))}
    </svg>
  )
}
