import { isChargeRefused } from '../domain/attempt-limit.ts'
import type { AccountId } from '../domain/id.ts'
import { createCounter } from '../pages/counter.ts'

/** Counts charges, to slow down card testing. */
export type ChargeLimit = {
  /** Counts a charge before it starts. Returns a function that subtracts it. Undefined: the charge has to wait. */
  readonly begin: (accountId: AccountId, addressKey: string) => (() => void) | undefined
}

const ACCOUNT_MS = 60_000
const ADDRESS_MS = 10 * 60_000

/** Makes the limit of this process. */
export function createChargeLimit(): ChargeLimit {
  const ofAccounts = createCounter(ACCOUNT_MS)
  const ofAddresses = createCounter(ADDRESS_MS)
  return {
    begin: (accountId, addressKey) => {
      const key = `${accountId} ${addressKey}`
      const counts = {
        ofAccount: ofAccounts.countOf(accountId),
        ofAddress: ofAddresses.countOf(key),
      }
      if (isChargeRefused(counts)) return undefined
      const takeBack = [ofAccounts.add(accountId), ofAddresses.add(key)]
      return () => {
        for (const take of takeBack) take()
      }
    },
  }
}
