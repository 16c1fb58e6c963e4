/**
 * Links that two customers pay, transfers that are reported twice, refunds, days, runs of payouts, killed processes and a
 * bank that refuses, in any order, for one merchant. After each step an auditor with its own sums reads all rows.
 *
 * A failure prints the seed and the path: pass them to `fc.assert` to repeat the same run.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { auditBalances, readBalanceRows } from './balance-auditor.ts'
import { MerchantBalance } from './merchant-balance.ts'

const RUN_COUNT = 100

type Step = { readonly text: string; readonly run: (merchant: MerchantBalance) => Promise<unknown> }

const amount = fc.bigInt({ min: 1n, max: 200_000n })
const STEPS: readonly fc.Arbitrary<Step>[] = [
  amount.map((minor) => ({
    text: `two customers pay a link of ${minor}`,
    run: (merchant) => merchant.payLinkTwice(minor),
  })),
  amount.map((minor) => ({
    text: `a link of ${minor} is declined, paid by another customer, and approved after all`,
    run: (merchant) => merchant.payLinkAfterDecline(minor),
  })),
  fc.tuple(amount, fc.integer({ min: 1, max: 9 })).map(([minor, number]) => ({
    text: `transfer UTR${number} of ${minor}`,
    run: (merchant) => merchant.transfer(minor, `UTR${number}`),
  })),
  fc
    .tuple(
      fc.nat(20),
      fc.integer({ min: 1, max: 100 }),
      fc.constantFrom('succeeded' as const, 'failed' as const),
    )
    .map(([index, part, kind]) => ({
      text: `the refund of ${part} % of payment ${index} has ${kind}`,
      run: (merchant) => merchant.refund(index, part, kind),
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
const steps = fc.array(
  fc.oneof(...STEPS).map((step) => ({ ...step, [fc.toStringMethod]: () => step.text })),
  { minLength: 3, maxLength: 20 },
)

test('after any sequence of operations a link is paid once, each transaction is in one payout, and the balance is exact', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (chosen) => {
      const merchant = await MerchantBalance.begin()
      try {
        for (const step of chosen) {
          await step.run(merchant)
          await merchant.audit()
        }
      } finally {
        await merchant.close()
      }
    }),
    { numRuns: RUN_COUNT },
  )
}, 120_000)

/** A damage of the rows, and what the auditor says about it. */
const DAMAGES: readonly (readonly [what: string, change: string, finding: RegExp])[] = [
  [
    'a second success of a link',
    `update payment_sessions set payment_link_id = (select min(payment_link_id) from payment_sessions)
     where payment_link_id is not null`,
    /the successes of link/,
  ],
  [
    'a transaction in two payouts that have not failed',
    `insert into payout_transactions
     select (select max(id) from payouts where status = 'paid'), created_at_ms, transaction_id, kind
     from payout_transactions where payout_id = (select min(id) from payouts where status = 'paid');
     update payouts set amount_minor = amount_minor
       + (select amount_minor from payouts where status = 'paid' order by id limit 1)
     where id = (select max(id) from payouts where status = 'paid')`,
    /is in two payouts/,
  ],
  [
    'a payout of another amount',
    `update payouts set amount_minor = amount_minor + 1 where status = 'paid'`,
    /the amount of payout/,
  ],
  [
    'a payout without a posting',
    `delete from ledger_postings where kind = 'payout'`,
    /the ledger of 60000000001 0 INR/,
  ],
  [
    'a payment without a balance transaction',
    `delete from balance_transactions where payout_id is null`,
    /the ledger of 60000000001 0 INR/,
  ],
]

test.each(DAMAGES)('the auditor finds %s', async (_what, change, finding) => {
  const merchant = await MerchantBalance.begin()
  try {
    for (let day = 0; day < 2; day += 1) {
      await merchant.payLinkTwice(10_000n)
      await merchant.transfer(20_000n, `UTR${day}`)
      await merchant.payOut(6, 9)
    }
    await merchant.transfer(30_000n, 'UTR-last')
    await merchant.audit()
    for (const statement of change.split(';')) await merchant.memory.changeRows(statement)
    const rows = await readBalanceRows(merchant.memory.readRows)
    expect(() => auditBalances(rows)).toThrow(finding)
  } finally {
    await merchant.close()
  }
})
