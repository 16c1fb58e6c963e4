type ChargeCounts = {
  /** For the account, in the last minute. */
  readonly ofAccount: number
  /** For the account from the customer's address, in the last ten minutes. */
  readonly ofAddress: number
}

/** From this number of an account's charges in a minute on, each address is limited. */
export const BUSY_ACCOUNT_COUNT = 300
/** The maximum number of charges a minute of an account. */
export const ACCOUNT_COUNT_MAX = 3_000
/** The maximum number of charges of a normal customer in ten minutes, including mistakes. */
export const CUSTOMER_COUNT_MAX = 3

/**
 * Returns true if another charge has to wait. A program that tests card numbers makes the account busy. Then addresses
 * with many charges have to wait, and customers at other addresses can still pay. Above a much higher limit every
 * address has to wait.
 */
export function isChargeRefused({ ofAccount, ofAddress }: ChargeCounts): boolean {
  if (ofAccount >= ACCOUNT_COUNT_MAX) return true
  return ofAccount >= BUSY_ACCOUNT_COUNT && ofAddress >= CUSTOMER_COUNT_MAX
}

/** The openings of unknown ids in the last minute. */
type UnknownOpeningCounts = {
  readonly ofAccount: number
  readonly ofAddress: number
}

/**
 * The maximum number of openings of unknown ids a minute by one address. An address that has reached it cannot open
 * sessions.
 */
export const UNKNOWN_COUNT_OF_ADDRESS_MAX = 10
/**
 * From this number of openings of unknown ids in a minute for one account on, an address cannot open sessions after its
 * first unknown id.
 */
export const UNKNOWN_COUNT_OF_ACCOUNT_MAX = 100

/**
 * Returns true if an address has to wait because it guesses ids. The answer
 * must not depend on the id, or it would reveal existing ids.
 */
export function isOpeningRefused({ ofAccount, ofAddress }: UnknownOpeningCounts): boolean {
  if (ofAddress >= UNKNOWN_COUNT_OF_ADDRESS_MAX) return true
  return ofAccount >= UNKNOWN_COUNT_OF_ACCOUNT_MAX && ofAddress >= 1
}
