/**
 * The actions of a simulated merchant: its customers pay by links and by transfers and dispute payments, and it is paid
 * out.
 */
import { expect } from 'vitest'
import type {
  DisputeId,
  PaymentAttemptId,
  PaymentLinkId,
  PaymentSessionId,
} from '../../src/domain/id.ts'
import type { Refund, RefundRefusal } from '../../src/domain/refund.ts'
import { deriveKeys } from '../../src/domain/secret.ts'
import { applyMove } from '../../src/operations/apply-move.ts'
import { createVirtualAccount } from '../../src/operations/create-virtual-account.ts'
import {
  decideDispute,
  openDispute,
  recordReportedDispute,
} from '../../src/operations/dispute-payment.ts'
import { lockPayment } from '../../src/operations/lock-payment.ts'
import { moveLink } from '../../src/operations/move-payment-link.ts'
import { openPaymentLink } from '../../src/operations/open-payment-link.ts'
import {
  decidePayout,
  type PayoutDeps,
  payOutNext,
  runPayouts,
} from '../../src/operations/pay-out.ts'
import { receiveTransfer } from '../../src/operations/receive-transfer.ts'
import { recordRefundOutcome, refundPayment } from '../../src/operations/refund-payment.ts'
import type { Store } from '../../src/operations/store.ts'
import type { ReportedDispute } from '../../src/processors/dispute-reports.ts'
import { createRandom } from '../../src/server/random.ts'
import { openMemoryStore, type SimulatedStore } from '../support/memory-store.ts'
import { ACCOUNT, account, linkOf } from '../support/stored-rows.ts'
import { auditBalances, ownerOf, readBalanceRows } from './balance-auditor.ts'
import { auditDisputes, readDisputeRows } from './dispute-auditor.ts'
import { feesOn } from './money-auditor.ts'

const DAY_MS = 24 * 60 * 60_000

/** The fee that the processor takes for a reported dispute, in minor units. */
const REPORTED_FEE_MINOR = 700n

class Killed extends Error {}

/** The money of a payment, in minor units. */
type PaymentMoney = {
  readonly capturedMinor: bigint
  refundedMinor: bigint
  /** The amount of open and lost disputes. */
  disputedMinor: bigint
  disputeFeeMinor: bigint
  /** The open dispute. */
  open?: OpenDispute
}

type OpenDispute = {
  readonly id: DisputeId
  readonly amountMinor: bigint
  readonly feeMinor: bigint
  /** Undefined: the sandbox has opened the dispute. */
  readonly report?: ReportedDispute
}

const capturedMoney = (capturedMinor: bigint): PaymentMoney => ({
  capturedMinor,
  refundedMinor: 0n,
  disputedMinor: 0n,
  disputeFeeMinor: 0n,
})

/** Returns the refundable amount of a payment. */
function leftOf({ capturedMinor, disputedMinor, refundedMinor }: PaymentMoney): bigint {
  const leftMinor = capturedMinor - refundedMinor - disputedMinor
  return leftMinor < 0n ? 0n : leftMinor
}

/** A merchant with the money that the model expects of it. */
export class MerchantBalance {
  readonly database: SimulatedStore
  readonly payments = new Map<PaymentAttemptId, PaymentMoney>()
  readonly #deps
  readonly #virtualAccountId
  readonly #utrs = new Set<string>()
  #reportCount = 0

  private constructor(
    database: SimulatedStore,
    virtualAccountId: Awaited<ReturnType<typeof createVirtualAccount>>['id'],
  ) {
    this.database = database
    const { clock, ids, store } = database
    const keys = deriveKeys(new Uint8Array(32).fill(1))
    this.#deps = { store, clock, ids, keys, random: createRandom(), mode: 'sandbox' as const }
    this.#virtualAccountId = virtualAccountId
  }

  static async begin(
    openStore: () => Promise<SimulatedStore> = openMemoryStore,
  ): Promise<MerchantBalance> {
    const database = await openStore()
    const deps = { ...database, random: createRandom() }
    const { id } = await database.store.transaction(async (tx) => {
      await tx.accounts.insert(account(ACCOUNT), database.clock.nowMs())
      const request = { description: 'Deposits' }
      return createVirtualAccount(tx, deps, { id: ACCOUNT, name: 'Shop' }, request)
    })
    return new MerchantBalance(database, id)
  }

  close(): Promise<void> {
    return this.database.store.close()
  }

  /** Two customers pay a link in two sessions at the same time; both approvals are reported twice. */
  async payLinkTwice(amountMinor: bigint): Promise<PaymentLinkId> {
    const { id, sessions } = await this.#openLinkTwice(amountMinor)
    const attempts = await Promise.all(sessions.map((session) => this.#start(session)))
    const reports = [...attempts, ...attempts].map((one) => this.#approve(one))
    await Promise.all(reports)
    await this.#noteLink(id, amountMinor)
    return id
  }

  /** The first customer's payment is declined, a second customer pays, and then the first one's money arrives. */
  async payLinkAfterDecline(amountMinor: bigint): Promise<void> {
    const { id, sessions } = await this.#openLinkTwice(amountMinor)
    const [first, second] = sessions
    const declinedCharge = await this.#start(first)
    await applyMove(this.#deps, first, {
      type: 'record_decline',
      attemptId: declinedCharge.attemptId,
      declineCode: 'bank_declined',
    })
    await this.#approve(await this.#start(second))
    await this.#approve(declinedCharge)
    await this.#noteLink(id, amountMinor)
  }

  /** The bank reports a transfer twice at the same time. */
  async transfer(amountMinor: bigint, utr: string): Promise<void> {
    const report = () =>
      receiveTransfer(this.#deps, this.#virtualAccountId, {
        amountMinor,
        mode: 'NEFT',
        payerName: 'Asha Rao',
        payerIfscCode: 'HDFC0000001',
        utr,
      })
    const [one, other] = await Promise.all([report(), report()])
    expect(other?.id).toBe(one?.id)
    if (one === undefined || this.#utrs.has(utr)) return
    this.#utrs.add(utr)
    this.payments.set(one.id, capturedMoney(amountMinor))
  }

  /**
   * The merchant refunds a part of a payment, and the processor decides. `part`: percent of the refundable amount. A
   * refund of more than this amount, and one of a disputed payment, is refused.
   */
  async refund(pick: number, part: number, kind: 'succeeded' | 'failed'): Promise<void> {
    const [id, payment] = this.#pick(pick)
    if (id === undefined || payment === undefined) return
    const tooLarge = await this.#requestRefund(id, leftOf(payment) + 1n)
    const refusal: RefundRefusal = payment.open ? 'payment_disputed' : 'exceeds_payment_amount'
    expect(tooLarge).toMatchObject({ refused: refusal })
    const amountMinor = (leftOf(payment) * BigInt(part)) / 100n
    if (payment.open !== undefined || amountMinor === 0n) return
    const refund = await this.#makeRefund(id, amountMinor)
    const outcome = kind === 'failed' ? { kind, reason: 'unknown' } : { kind }
    await recordRefundOutcome(this.#deps, refund, outcome)
    if (kind === 'succeeded') payment.refundedMinor += amountMinor
  }

  /**
   * Two requests try to open a dispute of a payment at the same time, and at most one succeeds. `part`: percent of the
   * refundable amount.
   */
  async dispute(pick: number, part: number): Promise<void> {
    const [id, payment] = this.#pick(pick)
    if (id === undefined || payment === undefined) return
    const amountMinor = (leftOf(payment) * BigInt(part)) / 100n
    if (amountMinor === 0n) return
    const request = { amountMinor, reason: 'unrecognized' } as const
    const results = await Promise.all([
      openDispute(this.#deps, id, request),
      openDispute(this.#deps, id, request),
    ])
    const newDisputes = results.flatMap((one) =>
      one === undefined || 'refused' in one ? [] : [one],
    )
    expect(newDisputes.length, 'opened disputes').toBe(payment.open === undefined ? 1 : 0)
    const [dispute] = newDisputes
    if (dispute !== undefined) noteDispute(payment, { id: dispute.id, amountMinor, feeMinor: 0n })
  }

  /**
   * The processor reports a dispute twice, `delayMs` after its opening. The disputed amount can include refunded money.
   * `part`: percent of the undisputed amount.
   */
  async reportDispute(pick: number, part: number, delayMs = 0): Promise<void> {
    const [id, payment] = this.#pick(pick)
    if (id === undefined || payment === undefined) return
    const amountMinor = ((payment.capturedMinor - payment.disputedMinor) * BigInt(part)) / 100n
    if (amountMinor === 0n) return
    this.#reportCount += 1
    const report: ReportedDispute = {
      disputeReference: `dispute-${this.#reportCount}`,
      attemptId: id,
      amount: { amountMinor, currency: 'INR' },
      feeMinor: REPORTED_FEE_MINOR,
      reason: 'fraudulent',
      openedAtMs: this.database.clock.nowMs() - delayMs,
      result: { status: 'open' },
    }
    const record = () => recordReportedDispute(this.#deps, report)
    const [one, other] = await Promise.all([record(), record()])
    expect(other).toEqual(one)
    if (payment.open !== undefined) expect(one).toEqual({ refused: 'dispute_already_open' })
    if (one === undefined || 'refused' in one) return
    noteDispute(payment, { id: one.id, amountMinor, feeMinor: REPORTED_FEE_MINOR, report })
  }

  /** A refund is under way when its payment is disputed. Then the processor reports the success of the refund. */
  async disputeDuringRefund(pick: number, part: number, by: 'sandbox' | 'processor') {
    const [id, payment] = this.#pick(pick)
    if (id === undefined || payment === undefined || payment.open !== undefined) return
    const amountMinor = (leftOf(payment) * BigInt(part)) / 100n
    if (amountMinor === 0n) return
    const refund = await this.#makeRefund(id, amountMinor)
    if (by === 'sandbox') await this.dispute(pick, 100)
    else await this.reportDispute(pick, 100)
    await recordRefundOutcome(this.#deps, refund, { kind: 'succeeded' })
    // The sandbox's dispute has ended the refund. A reported dispute leaves the refund to the processor.
    if (by === 'processor') payment.refundedMinor += amountMinor
  }

  /** The bank decides an open dispute, and the decision arrives twice. */
  async decide(pick: number, status: 'won' | 'lost'): Promise<void> {
    const disputedPayments = [...this.payments.values()].filter(({ open }) => open !== undefined)
    const payment = disputedPayments[pick % Math.max(1, disputedPayments.length)]
    if (payment?.open === undefined) return
    const { amountMinor, feeMinor, id, report } = payment.open
    const decidedAtMs = this.database.clock.nowMs()
    const record = () =>
      report === undefined
        ? decideDispute(this.#deps, id, { type: status === 'won' ? 'win' : 'lose' })
        : recordReportedDispute(this.#deps, { ...report, result: { status, decidedAtMs } })
    // With several connections the database can carry out the second call first, so either result can be the decision.
    const results = await Promise.all([record(), record()])
    expect(results).toContainEqual(expect.objectContaining({ id, status }))
    delete payment.open
    if (status === 'lost') return
    payment.disputedMinor -= amountMinor
    payment.disputeFeeMinor -= feeMinor
  }

  /** Days later the payouts of these days are made: first by a process that is killed, then by two workers. */
  async payOut(dayCount: number, killAt: number): Promise<void> {
    await this.#workUntilIdle(this.#deps)
    this.database.clock.advance(dayCount * DAY_MS)
    await this.#workUntilIdle(this.#dyingAt(killAt))
    await Promise.all([this.#workUntilIdle(this.#deps), this.#workUntilIdle(this.#deps)])
  }

  /** All balances of the merchant are paid out at once, and the bank refuses these payouts. */
  async failPayouts(): Promise<void> {
    for (const { id } of await runPayouts(this.#deps, ACCOUNT)) {
      await decidePayout(this.#deps, id, { type: 'record_failure', failureCode: 'declined' })
    }
  }

  /** Throws for every forbidden state. */
  async audit(): Promise<void> {
    auditDisputes(await readDisputeRows(this.database.readRows))
    const owners = auditBalances(await readBalanceRows(this.database.readRows))
    const result = owners.get(ownerOf(ACCOUNT, 0, 'INR')) ?? { ledgerMinor: 0n, paidOutMinor: 0n }
    let earnedMinor = 0n
    for (const payment of this.payments.values()) {
      const { capturedMinor, disputedMinor, disputeFeeMinor, refundedMinor } = payment
      const { feeMinor, taxMinor } = feesOn(capturedMinor)
      earnedMinor += capturedMinor - feeMinor - taxMinor - refundedMinor
      earnedMinor -= disputedMinor + disputeFeeMinor
    }
    expect(result.ledgerMinor + result.paidOutMinor, 'what the merchant has earned').toBe(
      earnedMinor,
    )
    expect((await this.database.store.ledger.check()).discrepancies).toEqual([])
  }

  #pick(pick: number) {
    return [...this.payments][pick % Math.max(1, this.payments.size)] ?? []
  }

  #requestRefund(id: PaymentAttemptId, amountMinor: bigint) {
    return this.database.store.transaction(async (tx) => {
      const attempt = await tx.paymentAttempts.find(id)
      const lockedPayment = attempt && (await lockPayment(tx, attempt))
      if (lockedPayment === undefined) throw new Error('no payment')
      const amount = { amountMinor, currency: 'INR' } as const
      const type = 'initiated_by_merchant'
      return refundPayment(tx, this.#deps, lockedPayment, { amount, type, reason: 'others' })
    })
  }

  async #makeRefund(id: PaymentAttemptId, amountMinor: bigint): Promise<Refund> {
    const refund = await this.#requestRefund(id, amountMinor)
    if ('refused' in refund) throw new Error('the refund is refused')
    return refund
  }

  async #openLinkTwice(amountMinor: bigint) {
    const nowMs = this.database.clock.nowMs()
    const amount = { amountMinor, currency: 'INR' } as const
    const link = linkOf(ACCOUNT, { amount, createdAtMs: nowMs, expiresAtMs: nowMs + DAY_MS })
    await this.database.store.transaction((tx) => tx.paymentLinks.insert(link))
    const first = await this.#open(link.id)
    // After an update the link opens another session, and the first one stays payable.
    await this.database.store.transaction(async (tx) => {
      const lockedLink = await tx.paymentLinks.lock(link.id)
      return lockedLink && moveLink(tx, this.#deps, lockedLink, { type: 'update', change: {} })
    })
    return { id: link.id, sessions: [first, await this.#open(link.id)] as const }
  }

  async #open(id: PaymentLinkId): Promise<PaymentSessionId> {
    const result = await openPaymentLink(this.#deps, id)
    if (result === undefined || 'refused' in result) throw new Error('the link does not open')
    return result.session.id
  }

  async #start(sessionId: PaymentSessionId) {
    const attemptId = this.database.ids.paymentAttempt(sessionId)
    await applyMove(this.#deps, sessionId, {
      type: 'start_attempt',
      attemptId,
      attemptLifeMs: 600_000,
      instrument: { type: 'netbanking', bankName: 'Bank' },
    })
    return { attemptId, sessionId }
  }

  async #approve({
    attemptId,
    sessionId,
  }: {
    readonly attemptId: PaymentAttemptId
    readonly sessionId: PaymentSessionId
  }): Promise<void> {
    const move = { type: 'record_approval', attemptId, processorReference: 'p' } as const
    await applyMove(this.#deps, sessionId, move)
  }

  /** Notes the success of a paid link, and lets the processor refund money that came too late. */
  async #noteLink(id: PaymentLinkId, amountMinor: bigint): Promise<void> {
    const { paymentAttempts, paymentLinks, refunds } = this.database.store
    const { paidAttemptId } = (await paymentLinks.find(id)) ?? {}
    if (paidAttemptId === undefined) throw new Error('the link is not paid')
    this.payments.set(paidAttemptId, capturedMoney(amountMinor))
    for (const attempt of await paymentAttempts.listByLink(id)) {
      for (const refund of await refunds.listByPayment(attempt.id)) {
        await recordRefundOutcome(this.#deps, refund, { kind: 'succeeded' })
      }
    }
  }

  async #workUntilIdle(deps: PayoutDeps): Promise<void> {
    try {
      while ((await payOutNext({ ...deps, batchSize: 2 })) !== undefined);
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
  }

  /** Makes the dependencies of a process that ends after the commit of its n-th transaction. */
  #dyingAt(killAt: number): PayoutDeps {
    let count = 0
    const { store } = this.database
    const transaction: Store['transaction'] = async (work) => {
      count += 1
      const result = await store.transaction(work)
      if (count === killAt) throw new Killed()
      return result
    }
    return { ...this.#deps, store: { ...store, transaction } }
  }
}

/** Notes an opened dispute: its amount and its fee have left the merchant. */
function noteDispute(payment: PaymentMoney, open: OpenDispute): void {
  payment.open = open
  payment.disputedMinor += open.amountMinor
  payment.disputeFeeMinor += open.feeMinor
}
