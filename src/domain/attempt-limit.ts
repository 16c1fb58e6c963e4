/** Charges that were begun in the last minutes, for the decision about one more. */
export type ChargeCounts = {
  /** For the account, in the last minute. */
  readonly ofAccount: number
  /** For the account from the customer's address, in the last ten minutes. */
  readonly ofAddress: number
}

/** Charges a minute of an account from which on addresses are told apart. */
export const BUSY_ACCOUNT_COUNT = 300
/** Charges a minute that no account goes beyond. */
export const ACCOUNT_COUNT_MAX = 3_000
/** Charges in ten minutes that a customer makes, with a mistake or two. */
export const CUSTOMER_COUNT_MAX = 3

/**
 * Answers whether one more charge is refused for now. A program that tries card numbers makes an
 * account busy from addresses that begin charge after charge: these wait first, and a customer who
 * comes from another address still pays. Only far above that everybody waits.
 */
export function isChargeRefused({ ofAccount, ofAddress }: ChargeCounts): boolean {
  if (ofAccount >= ACCOUNT_COUNT_MAX) return true
  return ofAccount >= BUSY_ACCOUNT_COUNT && ofAddress >= CUSTOMER_COUNT_MAX
}

/** Openings by ids that name no session of the account, in the last minute. */
export type UnknownOpeningCounts = {
  readonly ofAccount: number
  readonly ofAddress: number
}

/** Unknown openings a minute of an address, after which it opens nothing. */
export const UNKNOWN_COUNT_OF_ADDRESS_MAX = 10
/** Unknown openings a minute of an account, after which an address has one of them. */
export const UNKNOWN_COUNT_OF_ACCOUNT_MAX = 100

/**
 * Answers whether an address may open no session for now, because ids are being guessed. The answer
 * must not depend on the id, or it would tell which ids exist.
 */
export function isOpeningRefused({ ofAccount, ofAddress }: UnknownOpeningCounts): boolean {
  if (ofAddress >= UNKNOWN_COUNT_OF_ADDRESS_MAX) return true
  return ofAccount >= UNKNOWN_COUNT_OF_ACCOUNT_MAX && ofAddress >= 1
}
