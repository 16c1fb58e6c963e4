/**
 * Transfers, repeated reports, crashes, changes, the clock and workers in any order, on the real operations and the real
 * store in memory. After each step a model with its own sums checks every payment, every event and the ledger.
 *
 * A failure prints the seed and the path: pass them to `fc.assert` to repeat the same run.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PaymentAttemptId } from '../../src/domain/id.ts'
import { paymentStatusOf } from '../../src/domain/payment-attempt.ts'
import { virtualAccountAt } from '../../src/domain/virtual-account.ts'
import {
  closeLockedVirtualAccount,
  endVirtualAccounts,
  updateVirtualAccount,
} from '../../src/operations/change-virtual-account.ts'
import { createVirtualAccount } from '../../src/operations/create-virtual-account.ts'
import { lockPayment } from '../../src/operations/lock-payment.ts'
import { receiveTransfer } from '../../src/operations/receive-transfer.ts'
import { recordRefundOutcome, refundPayment } from '../../src/operations/refund-payment.ts'
import { reverseBankTransfers } from '../../src/operations/reverse-bank-transfers.ts'
import type { Store } from '../../src/operations/store.ts'
import { createRandom } from '../../src/server/random.ts'
import { openSimulatedStore, runCountOf } from '../support/simulated-store.ts'
import { ACCOUNT, account } from '../support/stored-rows.ts'

const RUN_COUNT = runCountOf(120)
const DAY_MS = 24 * 60 * 60_000
const INDIA_AHEAD_MS = 330 * 60_000
const ALL = { page: 1, perPage: 200 }

/** One virtual account, and what the model expects of it. */
class Run {
  readonly deps
  readonly id
  readonly clock
  readonly #store: Store
  /** The expected status of each transfer, by its UTR, and the money that went back. */
  readonly transfers = new Map<
    string,
    { readonly amountMinor: bigint; readonly isTaken: boolean; refundedMinor: bigint }
  >()
  limits: { minimumMinor?: bigint; maximumMinor?: bigint } = {}
  isClosed = false
  lastActivityMs
  isEndRecorded = false

  private constructor(
    { clock, ids, store }: Awaited<ReturnType<typeof openSimulatedStore>>,
    id: Awaited<ReturnType<typeof createVirtualAccount>>['id'],
  ) {
    this.deps = { store, clock, ids, mode: 'sandbox' as const, random: createRandom() }
    this.#store = store
    this.clock = clock
    this.id = id
    this.lastActivityMs = clock.nowMs()
  }

  static async begin(memory: Awaited<ReturnType<typeof openSimulatedStore>>): Promise<Run> {
    const deps = { ...memory, random: createRandom() }
    const createdAccount = await memory.store.transaction((tx) =>
      createVirtualAccount(tx, deps, { id: ACCOUNT, name: 'Shop' }, { description: 'Deposits' }),
    )
    return new Run(memory, createdAccount.id)
  }

  /** Returns true if the account is closed, or has had no activity for a year. */
  hasEnded(): boolean {
    const end = new Date(this.lastActivityMs + INDIA_AHEAD_MS)
    end.setUTCFullYear(end.getUTCFullYear() + 1)
    return this.isClosed || this.clock.nowMs() >= end.getTime() - INDIA_AHEAD_MS
  }

  /** Notes a new transfer, as the model decides it. */
  note(amountMinor: bigint, utr: string): void {
    const { maximumMinor = amountMinor, minimumMinor = amountMinor } = this.limits
    const isInRange = minimumMinor <= amountMinor && amountMinor <= maximumMinor
    const hasEnded = this.hasEnded()
    this.transfers.set(utr, { amountMinor, isTaken: isInRange && !hasEnded, refundedMinor: 0n })
    if (!hasEnded) this.lastActivityMs = this.clock.nowMs()
  }

  /** The bank reports a transfer `reportCount` times at once. */
  async transfer(amountMinor: bigint, utr: string, reportCount = 1): Promise<void> {
    const isKnown = this.transfers.has(utr)
    const reports = Array.from({ length: reportCount }, () =>
      receiveTransfer(this.deps, this.id, {
        amountMinor,
        mode: 'IMPS',
        payerName: 'Asha Rao',
        payerIfscCode: 'HDFC0000001',
        utr,
        ...(utr.endsWith('7') && { reverseAfterMs: 10_000 }),
      }),
    )
    const answers = await Promise.all(reports)
    expect(answers.filter((one) => one?.isRepeated === false)).toHaveLength(isKnown ? 0 : 1)
    expect(new Set(answers.map((one) => one?.id)).size, 'payments of a transfer').toBe(1)
    if (!isKnown) this.note(amountMinor, utr)
  }

  /** A process ends before its commit, and the bank reports the transfer again. */
  async crashAndRepeat(amountMinor: bigint, utr: string): Promise<void> {
    const transaction: Store['transaction'] = (work) =>
      this.#store.transaction(async (tx) => {
        await work(tx)
        throw new Error('crashed')
      })
    const crash = receiveTransfer(
      { ...this.deps, store: { ...this.#store, transaction } },
      this.id,
      {
        amountMinor,
        mode: 'NEFT',
        payerName: 'Asha Rao',
        payerIfscCode: 'HDFC0000001',
        utr,
      },
    )
    await expect(crash).rejects.toThrow('crashed')
    await this.transfer(amountMinor, utr)
  }

  async change(limits: { minimumMinor: bigint; maximumMinor: bigint }): Promise<void> {
    const change = await this.#store.transaction(async (tx) => {
      const result = await tx.virtualAccounts.lock(this.id)
      return result && updateVirtualAccount(tx, this.deps, result, limits)
    })
    expect(change !== undefined && 'refused' in change, 'a change').toBe(this.hasEnded())
    if (!this.hasEnded()) this.limits = limits
  }

  async close(): Promise<void> {
    const closure = await this.#store.transaction(async (tx) => {
      const result = await tx.virtualAccounts.lock(this.id)
      return result && closeLockedVirtualAccount(tx, this.deps, result)
    })
    expect(closure !== undefined && 'refused' in closure, 'a close').toBe(this.hasEnded())
    if (this.hasEnded()) return
    this.isClosed = true
    this.isEndRecorded = true
  }

  /** The merchant refunds a part of a transfer, and the processor succeeds at once. */
  async refund(index: number, part: number): Promise<void> {
    const [utr, transfer] = [...this.transfers][index % Math.max(1, this.transfers.size)] ?? []
    if (utr === undefined || !transfer?.isTaken) return
    const id = await this.#paymentOf(utr)
    const leftMinor = transfer.amountMinor - transfer.refundedMinor
    const amountMinor = (leftMinor * BigInt(part)) / 100n
    if (amountMinor === 0n) return
    const refund = await this.#store.transaction(async (tx) => {
      const attempt = await tx.paymentAttempts.find(id)
      const payment = attempt && (await lockPayment(tx, attempt))
      if (payment === undefined) throw new Error('no payment')
      return refundPayment(tx, this.deps, payment, {
        amount: { amountMinor, currency: 'INR' },
        type: 'initiated_by_merchant',
        reason: 'others',
      })
    })
    if ('refused' in refund) throw new Error('the refund is refused')
    await recordRefundOutcome(this.deps, refund, { kind: 'succeeded' })
    transfer.refundedMinor += amountMinor
  }

  /** Advances the clock, and lets the workers do what is due, twice at the same time. */
  async advance(ms: number): Promise<void> {
    this.clock.advance(ms)
    if (this.hasEnded()) this.isEndRecorded = true
    await Promise.all([endVirtualAccounts(this.deps), endVirtualAccounts(this.deps)])
    await Promise.all([reverseBankTransfers(this.deps), reverseBankTransfers(this.deps)])
    for (;;) {
      const refund = await this.#store.refunds.claim(this.clock.nowMs(), 60_000)
      if (refund === undefined) break
      expect(refund.type).toBe('initiated_by_system')
      await recordRefundOutcome(this.deps, refund, { kind: 'succeeded' })
      for (const [utr, transfer] of this.transfers) {
        if ((await this.#paymentOf(utr)) !== refund.paymentAttemptId) continue
        expect(utr.endsWith('7'), 'only the reversed transfer goes back').toBe(true)
        transfer.refundedMinor += refund.amount.amountMinor
        expect(transfer.refundedMinor).toBe(transfer.amountMinor)
      }
    }
  }

  async #paymentOf(utr: string): Promise<PaymentAttemptId> {
    const result = await this.#store.transaction((tx) =>
      tx.virtualAccounts.findTransfer(this.id, utr),
    )
    if (result === undefined) throw new Error(`there is no transfer ${utr}`)
    return result.id
  }

  async audit(): Promise<void> {
    const record = await this.#store.virtualAccounts.find(this.id)
    if (record === undefined) throw new Error('the account is gone')
    const takenTransfers = [...this.transfers.values()].filter(({ isTaken }) => isTaken)
    expect(record.paidMinor).toBe(
      takenTransfers.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    )
    expect(virtualAccountAt(record, this.clock.nowMs()).status).toBe(
      this.hasEnded() ? 'closed' : 'active',
    )
    const { items, total } = await this.#store.virtualAccounts.listTransfers(this.id, {}, ALL)
    expect(total).toBe(this.transfers.size)
    for (const { id, status, utr } of items) {
      const expected = this.transfers.get(utr)
      const attempt = await this.#store.paymentAttempts.find(id)
      if (attempt === undefined || expected === undefined) throw new Error(`${utr} is unknown`)
      const { amountMinor, isTaken, refundedMinor } = expected
      expect(attempt.money.capturedMinor).toBe(isTaken ? amountMinor : 0n)
      expect(attempt.money.refundedMinor).toBe(refundedMinor)
      const rows = !isTaken ? 'failed' : refundedMinor > 0n ? 'refunded' : 'succeeded'
      expect(status).toBe(rows)
      expect(paymentStatusOf(attempt).endsWith(rows)).toBe(true)
    }
    await this.#auditEvents(takenTransfers.length)
    expect((await this.#store.ledger.check()).discrepancies).toEqual([])
  }

  async #auditEvents(takenCount: number): Promise<void> {
    const subject = { kind: 'virtual_account', id: this.id } as const
    const { items } = await this.#store.webhookEvents.list(ACCOUNT, { subject }, ALL)
    const count = (type: string) => items.filter((one) => one.type === type).length
    expect(count('payment.succeeded')).toBe(takenCount)
    expect(count('virtual_account.paid')).toBe(takenCount)
    expect(count('payment.failed')).toBe(this.transfers.size - takenCount)
    expect(count('virtual_account.closed')).toBe(this.isEndRecorded ? 1 : 0)
  }
}

class Step implements fc.AsyncCommand<object, Run> {
  readonly #text: string
  readonly #happen: (run: Run) => Promise<unknown>
  constructor(text: string, happen: (run: Run) => Promise<unknown>) {
    this.#text = text
    this.#happen = happen
  }
  check(): boolean {
    return true
  }
  async run(_model: object, real: Run): Promise<void> {
    await this.#happen(real)
    await real.audit()
  }
  toString(): string {
    return this.#text
  }
}

const amount = fc.bigInt({ min: 1n, max: 3_000n })
const utr = fc.integer({ min: 1, max: 40 }).map((number) => `UTR${number}`)
const STEPS = [
  fc
    .tuple(amount, utr)
    .map(
      ([minor, text]) => new Step(`transfer ${minor} ${text}`, (run) => run.transfer(minor, text)),
    ),
  fc
    .tuple(amount, utr)
    .map(
      ([minor, text]) =>
        new Step(`transfer ${minor} ${text}, reported three times at once`, (run) =>
          run.transfer(minor, text, 3),
        ),
    ),
  fc
    .tuple(amount, utr)
    .filter(([, text]) => !text.endsWith('7'))
    .map(
      ([minor, text]) =>
        new Step(`transfer ${minor} ${text}, after a crash`, (run) =>
          run.crashAndRepeat(minor, text),
        ),
    ),
  fc.tuple(amount, amount).map(
    ([one, other]) =>
      new Step(`limits ${one} and ${other}`, (run) =>
        run.change({
          minimumMinor: one < other ? one : other,
          maximumMinor: one < other ? other : one,
        }),
      ),
  ),
  fc
    .tuple(fc.nat(60), fc.integer({ min: 1, max: 100 }))
    .map(
      ([index, part]) => new Step(`refund ${part} % of ${index}`, (run) => run.refund(index, part)),
    ),
  fc
    .constantFrom(1_000, 11_000, DAY_MS, 100 * DAY_MS)
    .map((ms) => new Step(`advance ${ms} ms`, (run) => run.advance(ms))),
]

const CLOSING = fc.constant(0).map(() => new Step('close', (run) => run.close()))

test('after any sequence of operations each transfer is one payment, its money is right, and the account ends once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.commands([...STEPS, ...STEPS, ...STEPS, CLOSING], { maxCommands: 30, size: 'max' }),
      async (steps) => {
        const memory = await openSimulatedStore()
        try {
          await memory.store.transaction((tx) =>
            tx.accounts.insert(account(ACCOUNT), memory.clock.nowMs()),
          )
          const run = await Run.begin(memory)
          await fc.asyncModelRun(() => ({ model: {}, real: run }), steps)
        } finally {
          await memory.store.close()
        }
      },
    ),
    { numRuns: RUN_COUNT },
  )
}, 120_000)
