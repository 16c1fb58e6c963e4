/** The steps of the simulation of a merchant's balance, each with its text for a failed run. */
import fc from 'fast-check'
import type { MerchantBalance } from './merchant-balance.ts'

type Step = { readonly text: string; readonly run: (merchant: MerchantBalance) => Promise<unknown> }

const amount = fc.bigInt({ min: 1n, max: 200_000n })
/** Few payments, so that several steps meet on each. */
const index = fc.nat(2)
const part = fc.integer({ min: 1, max: 100 })
const STEPS: readonly fc.Arbitrary<Step>[] = [
  amount.map((minor) => ({
    text: `two customers pay a link of ${minor}`,
    run: (merchant) => merchant.payLinkTwice(minor),
  })),
  amount.map((minor) => ({
    text: `a link of ${minor} is declined, paid by another customer, and then approved`,
    run: (merchant) => merchant.payLinkAfterDecline(minor),
  })),
  fc.tuple(amount, fc.integer({ min: 1, max: 9 })).map(([minor, number]) => ({
    text: `transfer UTR${number} of ${minor}`,
    run: (merchant) => merchant.transfer(minor, `UTR${number}`),
  })),
  fc
    .tuple(index, part, fc.constantFrom('succeeded' as const, 'failed' as const))
    .map(([pick, percent, kind]) => ({
      text: `the refund of ${percent} % of payment ${pick} has ${kind}`,
      run: (merchant) => merchant.refund(pick, percent, kind),
    })),
  fc.tuple(index, part).map(([pick, percent]) => ({
    text: `${percent} % of payment ${pick} is disputed`,
    run: (merchant) => merchant.dispute(pick, percent),
  })),
  fc.tuple(index, part, fc.constantFrom(0, 1_000, 200_000_000)).map(([pick, percent, delayMs]) => ({
    text: `the processor reports a dispute of ${percent} % of payment ${pick} after ${delayMs} ms`,
    run: (merchant) => merchant.reportDispute(pick, percent, delayMs),
  })),
  fc
    .tuple(index, part, fc.constantFrom('sandbox' as const, 'processor' as const))
    .map(([pick, percent, by]) => ({
      text: `the ${by} opens a dispute of payment ${pick} during a refund of ${percent} %`,
      run: (merchant) => merchant.disputeDuringRefund(pick, percent, by),
    })),
  fc.tuple(index, fc.constantFrom('won' as const, 'lost' as const)).map(([pick, status]) => ({
    text: `open dispute ${pick} is ${status}`,
    run: (merchant) => merchant.decide(pick, status),
  })),
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
    .map(([dayCount, killAt]) => ({
      text: `${dayCount} days later payouts run, and a process dies after transaction ${killAt}`,
      run: (merchant) => merchant.payOut(dayCount, killAt),
    })),
  fc.constant({
    text: 'the bank refuses the payouts',
    run: (merchant: MerchantBalance) => merchant.failPayouts(),
  }),
]
/** Some steps of one merchant. */
export const BALANCE_STEPS = fc.array(
  fc.oneof(...STEPS).map((step) => ({ ...step, [fc.toStringMethod]: () => step.text })),
  { minLength: 3, maxLength: 20 },
)
