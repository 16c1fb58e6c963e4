/** Card schemes, by their names on the wire. */
export const CARD_BRANDS = [
  'visa',
  'master_card',
  'rupay',
  'american_express',
  'diners_club',
  'discover',
  'jcb',
  'unionpay',
  'maestro',
  'other',
] as const
/** A card scheme. */
export type CardBrand = (typeof CARD_BRANDS)[number]

/** The names of card schemes as customers know them. A scheme without one is shown as a card. */
export const CARD_BRAND_NAMES: Readonly<Partial<Record<CardBrand, string>>> = {
  visa: 'Visa',
  master_card: 'Mastercard',
  rupay: 'RuPay',
  american_express: 'American Express',
  diners_club: 'Diners Club',
  discover: 'Discover',
  jcb: 'JCB',
  unionpay: 'UnionPay',
  maestro: 'Maestro',
}

const NAMES: readonly string[] = CARD_BRANDS

/** Returns true if a value is the name of a card scheme. */
export function isCardBrand(value: unknown): value is CardBrand {
  return typeof value === 'string' && NAMES.includes(value)
}
