import type { AccountId } from './id.ts'

/** A part of a session's amount that goes to a connected account once the payment succeeds. */
export type TransferDetail = {
  readonly connectedAccountId: AccountId
  readonly amountMinor: bigint
}

/**
 * Splits a captured amount: each transfer, and what is left to the merchant, whose fee is taken from
 * it. The parts add up to the captured amount. Throws RangeError when the transfers exceed it, which
 * no stored session allows.
 */
export function splitCaptured(
  capturedMinor: bigint,
  transfers: readonly TransferDetail[],
): { readonly transfers: readonly TransferDetail[]; readonly merchantMinor: bigint } {
  const merchantMinor = transfers.reduce(
    (left, { amountMinor }) => left - amountMinor,
    capturedMinor,
  )
  if (merchantMinor < 0n) throw new RangeError('transfers exceed the captured amount')
  return { transfers, merchantMinor }
}
