/** The results of a check of a card's details, by their names on the wire. */
export const CARD_CHECK_RESULTS = ['pass', 'fail', 'unavailable', 'unchecked'] as const
/** The result of one check. */
export type CardCheckResult = (typeof CARD_CHECK_RESULTS)[number]

/** The checks that the issuer made when a card was saved. */
export type CardChecks = {
  readonly addressLine: CardCheckResult
  readonly postalCode: CardCheckResult
  readonly cvc: CardCheckResult
}

/** The checks of a card if the processor reports none. */
export const NO_CARD_CHECKS: CardChecks = {
  addressLine: 'unchecked',
  postalCode: 'unchecked',
  cvc: 'unchecked',
}
