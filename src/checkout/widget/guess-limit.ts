import { isOpeningRefused } from '../../domain/attempt-limit.ts'
import type { AccountId } from '../../domain/id.ts'
import { createCounter } from '../../pages/counter.ts'

/** Slows down IP addresses that guess session ids. */
type GuessLimit = {
  readonly isRefused: (accountId: AccountId, addressKey: string) => boolean
  /** Counts an opening with an unknown id. */
  readonly count: (accountId: AccountId, addressKey: string) => void
}

const WINDOW_MS = 60_000

/** Makes the limit of this process. */
export function createGuessLimit(): GuessLimit {
  const ofAccounts = createCounter(WINDOW_MS)
  const ofAddresses = createCounter(WINDOW_MS)
  return {
    isRefused: (accountId, addressKey) =>
      isOpeningRefused({
        ofAccount: ofAccounts.countOf(accountId),
        ofAddress: ofAddresses.countOf(addressKey),
      }),
    count: (accountId, addressKey) => {
      ofAccounts.add(accountId)
      ofAddresses.add(addressKey)
    },
  }
}
