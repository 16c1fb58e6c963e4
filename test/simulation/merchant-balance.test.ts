/**
 * Links that two customers pay, transfers that are reported twice, refunds, disputes, days, runs of payouts, killed
 * processes and a bank that refuses, in any order, for one merchant. After each step auditors with their own sums read all
 * rows.
 *
 * A failure prints the seed and the path: pass them to `fc.assert` to repeat the same run.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { auditBalances, readBalanceRows } from './balance-auditor.ts'
import { BALANCE_STEPS } from './balance-steps.ts'
import { auditDisputes, readDisputeRows } from './dispute-auditor.ts'
import { MerchantBalance } from './merchant-balance.ts'

const RUN_COUNT = 100

test('after any sequence of operations a link is paid once, each transaction is in one payout, and disputes and the balance are exact', async () => {
  await fc.assert(
    fc.asyncProperty(BALANCE_STEPS, async (chosenSteps) => {
      const merchant = await MerchantBalance.begin()
      try {
        for (const step of chosenSteps) {
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

test('a reported dispute that was opened before another one was decided prevents refunds of its payment', async () => {
  const merchant = await MerchantBalance.begin()
  try {
    await merchant.transfer(10_000n, 'UTR')
    await merchant.dispute(0, 20)
    await merchant.decide(0, 'lost')
    await merchant.reportDispute(0, 20, 1_000)
    await merchant.refund(0, 20, 'succeeded')
    await merchant.reportDispute(0, 20)
    await merchant.audit()
  } finally {
    await merchant.close()
  }
})

/** A damage of the rows, and the auditor's message about it. */
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
    for (const statement of change.split(';')) await merchant.database.changeRows(statement)
    const rows = await readBalanceRows(merchant.database.readRows)
    expect(() => auditBalances(rows)).toThrow(finding)
  } finally {
    await merchant.close()
  }
})

/** A damage of the rows of disputes, and the auditor's message about it. */
const DISPUTE_DAMAGES: readonly (readonly [what: string, change: string, finding: RegExp])[] = [
  [
    'two open disputes of a payment',
    `drop index disputes_one_open;
     update disputes set status = 'open', decided_at_ms = null where status = 'lost'`,
    /the open disputes of payment/,
  ],
  [
    'a disputed amount without a dispute',
    'update payment_attempts set disputed_minor = disputed_minor + 1 where disputed_minor > 0',
    /the disputed amount of payment/,
  ],
  [
    'a won dispute that keeps its amount',
    `update disputes set status = 'lost' where status = 'won'`,
    /the disputed amount of payment/,
  ],
  [
    'a refund that is not in the sums of its payment',
    `update refunds set amount_minor = amount_minor + 1 where status = 'succeeded'`,
    /the refunded amount of payment/,
  ],
  [
    'a refund of disputed money',
    `update payment_attempts set refunded_minor = captured_minor - disputed_minor + 1
     where refunded_minor > 0;
     update refunds set amount_minor = (
       select refunded_minor from payment_attempts a where a.id = refunds.payment_attempt_id)`,
    /the refunds and disputes of payment/,
  ],
  [
    'an open refund that is not in the sums of its payment',
    'update payment_attempts set refunding_minor = 1 where refunded_minor > 0',
    /the refunding amount of payment/,
  ],
  [
    'a dispute without its posting',
    `delete from ledger_postings where kind = 'dispute'`,
    /the postings of disputes/,
  ],
  [
    'a won dispute without the return of its fee',
    `delete from ledger_postings where kind = 'dispute_fee_return'`,
    /the postings of disputes/,
  ],
  [
    'a balance transaction of another amount',
    `update balance_transactions set amount_minor = amount_minor - 1, net_minor = net_minor - 1
     where kind = 'dispute'`,
    /the balance transactions of disputes/,
  ],
  [
    'a won dispute without a balance transaction',
    `delete from balance_transactions where kind = 'dispute_return'`,
    /the balance transactions of disputes/,
  ],
]

test.each(DISPUTE_DAMAGES)('the auditor of disputes finds %s', async (_what, change, finding) => {
  const merchant = await MerchantBalance.begin()
  try {
    await merchant.transfer(10_000n, 'UTR-own')
    await merchant.transfer(20_000n, 'UTR-reported')
    await merchant.refund(0, 10, 'succeeded')
    await merchant.dispute(0, 20)
    await merchant.decide(0, 'lost')
    await merchant.dispute(0, 20)
    await merchant.reportDispute(1, 50)
    await merchant.decide(1, 'won')
    await merchant.audit()
    for (const statement of change.split(';')) await merchant.database.changeRows(statement)
    const rows = await readDisputeRows(merchant.database.readRows)
    expect(() => auditDisputes(rows)).toThrow(finding)
  } finally {
    await merchant.close()
  }
})
