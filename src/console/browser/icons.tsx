import type { JSX } from 'preact'

/** Drawn for this page on a grid of 24, in one stroke width. */
const PATHS = {
  home: ['M4 11l8-7 8 7', 'M6 9.5V20h12V9.5'],
  cart: ['M3 5h3l2 10h10l2-7H7', 'M9 19.5h.1', 'M17 19.5h.1'],
  bank: ['M4 9.5L12 4l8 5.5z', 'M6.5 9.5V17', 'M12 9.5V17', 'M17.5 9.5V17', 'M4 19.5h16'],
  link: [
    'M10 14.5a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2',
    'M14 9.5a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2',
  ],
  card: ['M3 6.5h18v11H3z', 'M3 10h18', 'M6.5 14.5h4'],
  person: ['M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z', 'M4.5 20a7.5 7.5 0 0 1 15 0'],
  repeat: [
    'M5 11a7 7 0 0 1 12-4l2 2',
    'M19 4.5V9h-4.5',
    'M19 13a7 7 0 0 1-12 4l-2-2',
    'M5 19.5V15h4.5',
  ],
  letter: ['M3 6h18v12.5H3z', 'M3.5 6.5L12 13l8.5-6.5'],
  tray: ['M4 13v6.5h16V13', 'M12 4v10', 'M8 10.5l4 4 4-4'],
  arrows: ['M4 8.5h14', 'M14.5 5L18 8.5 14.5 12', 'M20 15.5H6', 'M9.5 12L6 15.5 9.5 19'],
  bell: ['M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15z', 'M10.5 21h3'],
  bolt: ['M13 3L5 14h6l-1 7 8-11h-6z'],
  clock: ['M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z', 'M12 7.5V12l3 2'],
  boxes: ['M4 4h7v7H4z', 'M13 13h7v7h-7z', 'M13 4h7v7h-7z', 'M4 13h7v7H4z'],
  flag: ['M6 21V4.5', 'M6 5h11l-2.5 3.5L17 12H6'],
  book: [
    'M5 5.5A2.5 2.5 0 0 1 7.5 3H19v18H7.5A2.5 2.5 0 0 1 5 18.5z',
    'M5 18.5A2.5 2.5 0 0 1 7.5 16H19',
    'M9 7.5h6',
  ],
  key: ['M8 11a4 4 0 1 0 0 .1z', 'M8 11h13', 'M17 11v4'],
} as const

/** The name of an icon. */
export type IconName = keyof typeof PATHS

/** An icon beside a text with the same meaning, so it is hidden from screen readers. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {PATHS[name].map((d) => (
        <path d={d} key={d} />
      ))}
    </svg>
  )
}
