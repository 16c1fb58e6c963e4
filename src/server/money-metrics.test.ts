import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { paydesk } from '../../test/support/command-line.ts'
import { settingsAt } from '../../test/support/engines.ts'
import { recordRefundOutcome } from '../operations/refund-payment.ts'
import { createMetrics, printSum } from './metrics.ts'
import type { StoredMetrics } from './money-metrics.ts'
import { createMetricsRefresh } from './refresh-metrics.ts'
import { type Server, startServer } from './start-server.ts'

let folder: string
let server: Server
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-metrics-'))
  server = await startServer(
    settingsAt({ flags: { data: join(folder, 'a.db') }, remove: () => {} }),
  )
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Leaves out values of zero. */
const linesOf = (output: string, name: string) =>
  output.split('\n').filter((line) => line.startsWith(name) && !line.endsWith(' 0'))

const STORED: StoredMetrics = {
  openCounts: new Map([['refund', [1, 0, 2, 0, 3]]]),
  oldestSeconds: new Map([['refund', 90_000]]),
  overdueSeconds: new Map([['debit', 12.5]]),
  ledgerCheck: {
    checkedAtMs: 1_795_000_000_500,
    durationMs: 250,
    postingCount: 9,
    discrepancyCount: 0,
  },
}

const EXPECTED_STORED = [
  'paydesk_open_work{kind="refund",age="0s-1m"} 1',
  'paydesk_open_work{kind="refund",age="10m-1h"} 2',
  'paydesk_open_work{kind="refund",age="1d+"} 3',
  'paydesk_oldest_open_seconds{kind="refund"} 90000',
  'paydesk_work_overdue_seconds{kind="debit"} 12.5',
  'paydesk_ledger_check_timestamp_seconds 1795000000.5',
  'paydesk_ledger_check_duration_seconds 0.25',
  'paydesk_ledger_check_success 1',
]

const STORED_NAMES = /^paydesk_(?:open_work|oldest_open|work_overdue|ledger_check)/
const storedLines = (output: string) =>
  output.split('\n').filter((line) => STORED_NAMES.test(line) && !line.endsWith(' 0'))

test('open work is printed with its age, and the last check of the ledger with its time and result', async () => {
  const metrics = createMetrics()
  metrics.setStored(STORED)
  expect(storedLines(await metrics.print())).toEqual(EXPECTED_STORED)
  const { ledgerCheck } = STORED
  metrics.setStored({
    ...STORED,
    ledgerCheck: ledgerCheck && { ...ledgerCheck, discrepancyCount: 7 },
  })
  const text = await metrics.print()
  expect(text).toMatch(/^paydesk_ledger_check_success 0$/m)
  expect(text).toMatch(/^paydesk_ledger_check_discrepancies 7$/m)
})

test('values of an unreachable database, and of a check that never ran, are absent, not zero', async () => {
  const metrics = createMetrics()
  const valuesOf = (output: string) => output.split('\n').filter((line) => STORED_NAMES.test(line))
  expect(valuesOf(await metrics.print())).toEqual([])
  metrics.setStored(STORED)
  metrics.setStored(undefined)
  expect(valuesOf(await metrics.print())).toEqual([])
  metrics.setStored({ ...STORED, ledgerCheck: undefined })
  expect(await metrics.print()).not.toMatch(/^paydesk_ledger_check/m)
})

test('the sum of several workers adds their payments, but not the values that every worker reads', async () => {
  const workers = [createMetrics(), createMetrics()]
  for (const worker of workers) {
    worker.setStored(STORED)
    worker.countRefund({ status: 'failed' })
  }
  const sum = await printSum(await Promise.all(workers.map(({ snapshot }) => snapshot())))
  expect(storedLines(sum)).toEqual(EXPECTED_STORED)
  expect(sum).toMatch(/^paydesk_refunds_total\{status="failed"\} 2$/m)
})

test('an unknown method or decline code of a module is counted as other, so the number of series is bounded', async () => {
  const metrics = createMetrics()
  for (const code of ['card_declined', 'made_up_1', 'made_up_2']) {
    const attempt = { status: 'failed', instrument: { type: code }, declineCode: code }
    metrics.countPayment(attempt as unknown as Parameters<typeof metrics.countPayment>[0])
  }
  expect(linesOf(await metrics.print(), 'paydesk_payments_total')).toEqual([
    'paydesk_payments_total{status="failed",method="other",decline_code="card_declined"} 1',
    'paydesk_payments_total{status="failed",method="other",decline_code="other"} 2',
  ])
})

test('the counts of succeeded and failed refunds are printed before the first refund, so that their first increase is visible', async () => {
  const output = await createMetrics().print()
  expect(output).toMatch(/^paydesk_refunds_total\{status="failed"\} 0$/m)
  expect(output).toMatch(/^paydesk_refunds_total\{status="succeeded"\} 0$/m)
})

test('scrapes within five seconds share one read, and a failed read is repeated', async () => {
  const outcomes: (StoredMetrics | undefined)[] = []
  const warnings: unknown[] = []
  let nowMs = 0
  let readCount = 0
  let isDown = false
  const refresh = createMetricsRefresh({
    steadyClock: { nowMs: () => nowMs },
    logger: { warn: (fields: unknown) => warnings.push(fields) },
    metrics: { setStored: (record) => outcomes.push(record) },
    tenant: {
      clock: { nowMs: () => 100_000 },
      store: {
        openWork: {
          ...server.tenant.store.openWork,
          countByAge: async () => {
            readCount += 1
            if (isDown) throw new Error('down')
            return new Map()
          },
          findOldest: async () => new Map([['attempt', 40_000]]),
          findFirstDue: async () => new Map([['delivery', 99_000]]),
        },
        ledgerChecks: { findLast: async () => undefined },
      },
    },
  })
  await Promise.all([refresh(), refresh(), refresh()])
  nowMs = 4_999
  await refresh()
  expect(readCount).toBe(1)
  expect(outcomes[0]?.oldestSeconds.get('attempt')).toBe(60)
  isDown = true
  nowMs = 5_000
  await refresh()
  expect([readCount, outcomes.at(-1), warnings.length]).toEqual([2, undefined, 1])
  nowMs = 10_000
  isDown = false
  await refresh()
  expect(outcomes.at(-1)).toBeDefined()
})

test('payments are counted once for each status after their commit, refunds at their end, and the metrics show the ledger check of a command', async () => {
  const { baseUrl, tenant } = server
  const sessionAnswer = await fetch(`${baseUrl}/_sandbox/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      attempts: [
        { method: 'card', outcome: 'failed', decline_code: 'expired_card' },
        { method: 'netbanking', outcome: 'succeeded' },
      ],
    }),
  })
  expect(sessionAnswer.status).toBe(201)
  const { payment_ids: _, ...session } = await sessionAnswer.json()
  const [{ id: paymentId, accountId } = { id: undefined, accountId: undefined }] =
    await paymentsOf(server)
  if (paymentId === undefined || accountId === undefined) throw new Error(JSON.stringify(session))
  const refund = {
    id: tenant.ids.refund(paymentId),
    accountId,
    paymentAttemptId: paymentId,
    amount: { amountMinor: 100n, currency: 'INR' },
    type: 'initiated_by_merchant',
    reason: 'requested_by_customer',
    status: 'initiated',
    createdAtMs: tenant.clock.nowMs(),
    nextQueryAtMs: tenant.clock.nowMs() + 300_000,
    queryCount: 0,
  } as const
  await tenant.store.transaction(async (tx) => {
    const attempt = await tx.paymentAttempts.find(paymentId)
    if (attempt === undefined) throw new Error('no attempt')
    await tx.refunds.insert(refund as never)
    await tx.paymentAttempts.update({
      ...attempt,
      money: { ...attempt.money, refundingMinor: 100n },
    })
  })
  const failure = { kind: 'failed', reason: 'unknown' } as const
  await recordRefundOutcome(tenant, refund as never, failure)
  await recordRefundOutcome(tenant, refund as never, failure)

  const check = await paydesk(['ledger', 'check', '--data', join(folder, 'a.db')])
  expect(check.code).toBe(0)
  const output = await (await fetch(`${baseUrl}/metrics`)).text()
  expect(linesOf(output, 'paydesk_payments_total').toSorted()).toEqual([
    'paydesk_payments_total{status="failed",method="card",decline_code="expired_card"} 1',
    'paydesk_payments_total{status="initiated",method="card",decline_code=""} 1',
    'paydesk_payments_total{status="initiated",method="netbanking",decline_code=""} 1',
    'paydesk_payments_total{status="pending",method="card",decline_code=""} 1',
    'paydesk_payments_total{status="pending",method="netbanking",decline_code=""} 1',
    'paydesk_payments_total{status="succeeded",method="netbanking",decline_code=""} 1',
  ])
  expect(linesOf(output, 'paydesk_refunds_total')).toEqual([
    'paydesk_refunds_total{status="failed"} 1',
  ])
  expect(output).toMatch(/^paydesk_ledger_check_success 1$/m)
  expect(output).toMatch(/^paydesk_ledger_check_timestamp_seconds \d{10}(?:\.\d+)?$/m)
  expect(output).toMatch(/^paydesk_open_work\{kind="attempt",age="0s-1m"\} 0$/m)
})

async function paymentsOf({ tenant }: Server) {
  const [account] = await tenant.store.accounts.list()
  if (account === undefined) return []
  const step = { times: {}, after: undefined, countMax: 10 }
  const payments = await tenant.store.paymentAttempts.listAfter(account.id, step)
  return payments.map(({ attempt }) => attempt).filter(({ status }) => status === 'succeeded')
}
