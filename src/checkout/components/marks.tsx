import type { JSX } from 'preact'
import type { CardBrand } from '../../domain/card-brand.ts'

/**
 * The marks of schemes, apps, banks and wallets: their names or initials in our own lettering and colors. They imitate
 * no logo, because owners allow only their own artwork, under a license
 * (docs/decisions/0104-marks-in-our-lettering.md). Each is shown beside a text with the same meaning, so all are hidden
 * from screen readers.
 */

const CARD_MARKS: ReadonlyMap<CardBrand, readonly [letters: string, hue: number]> = new Map([
  ['visa', ['VISA', 5]],
  ['master_card', ['MC', 0]],
  ['rupay', ['RuPay', 3]],
  ['american_express', ['AMEX', 4]],
  ['diners_club', ['DC', 6]],
  ['discover', ['DISC', 1]],
  ['jcb', ['JCB', 2]],
  ['unionpay', ['UP', 7]],
  ['maestro', ['MAES', 6]],
])

/** The mark of a card scheme. Null: it has none. */
export function CardMark({ brand }: { readonly brand: CardBrand }): JSX.Element | null {
  const mark = CARD_MARKS.get(brand)
  return mark === undefined ? null : <Mark letters={mark[0]} hue={mark[1]} />
}

/** The mark of a bank, a wallet or an app: its initials. */
export function Initials({ name }: { readonly name: string }): JSX.Element {
  return <Mark letters={initialsOf(name)} hue={hueOf(name)} isTile />
}

function Mark({
  hue,
  isTile = false,
  letters,
}: {
  readonly letters: string
  /** One of eight colors, from 0. */
  readonly hue: number
  /** True: a square tile. False: the shape of a card. */
  readonly isTile?: boolean
}): JSX.Element {
  return (
    <span class={`mark hue-${hue}${isTile ? ' square' : ''}`} aria-hidden="true" dir="ltr">
      {letters}
    </span>
  )
}

/** Words that many names have, so they do not distinguish the names. */
const COMMON_WORDS = /^(?:bank|banking|of|the|and|&|test|wallet|ltd\.?|limited)$/i

/** Returns one or two letters for a name: `State Bank of India` is `SI`, `Canara Bank` is `CA`. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '')
  const distinctWords = words.filter((word) => !COMMON_WORDS.test(word))
  const [first = '', second] = distinctWords.length > 0 ? distinctWords : words
  const letters =
    second === undefined ? [...first].slice(0, 2) : [[...first][0] ?? '', [...second][0] ?? '']
  return letters.join('').toUpperCase()
}

/** Returns the color of a name, from 0 to 7. The same name always has the same color. */
export function hueOf(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 43 + (letter.codePointAt(0) ?? 0)) % 9973, 7) % 8
}
