/** The part of the benchmark `lists` about the overview of the console: its CPU time on a large database. */
import type { AccountId } from '../src/domain/id.ts'
import { OVERVIEW_PERIODS } from '../src/domain/overview-period.ts'
import { countPaymentsNext } from '../src/operations/count-payments.ts'
import { readPaymentOverview } from '../src/operations/payment-overview.ts'
import type { Store } from '../src/operations/store.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { systemClock } from '../src/server/clock.ts'

const ACCOUNT = { id: SANDBOX_VALUES.accountId as AccountId, edition: 'IN' } as const
/** The ages between which open work is counted. */
const AGE_LIMITS_MS = [600_000, 3_600_000, 86_400_000]

type OneOverview = {
  readonly name: string
  /** Returns the number of counted payments. */
  readonly read: (store: Store) => Promise<number>
}

/** The overview of each period, and the open work beside it. */
export const OVERVIEWS: readonly OneOverview[] = [
  ...OVERVIEW_PERIODS.map((period) => ({
    name: `overview, ${period}`,
    read: async (store: Store) => {
      const { total } = await readPaymentOverview({ store, clock: systemClock }, ACCOUNT, period)
      return total.payments.reduce((sum, { count }) => sum + count, 0)
    },
  })),
  {
    name: 'overview, open work',
    read: async (store) => {
      const work = await store.openWork.countOfAccount(ACCOUNT.id, Date.now(), AGE_LIMITS_MS)
      return [...work.values()].flat().reduce((sum, count) => sum + count, 0)
    },
  },
]

/**
 * Counts all payments as the background work of a server does. The account's overview must be read first, which begins
 * the count.
 */
export async function countAllPayments(store: Store): Promise<void> {
  while ((await countPaymentsNext({ store, clock: systemClock })) !== undefined);
}
