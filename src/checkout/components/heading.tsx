import type { JSX } from 'preact'
import { Icon } from './icons.tsx'

/** The heading of a state of the page. */
export function Heading({
  icon,
  title,
}: {
  readonly icon?: Parameters<typeof Icon>[0]['name']
  readonly title: string
}): JSX.Element {
  return (
    <div class="heading">
      {icon && <Icon name={icon} />}
      {/* The heading can take the focus, so that a screen reader starts here after a change of the page. */}
      <h2 tabIndex={-1}>{title}</h2>
    </div>
  )
}
